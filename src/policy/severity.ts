/** What the severity of a policy means for its channels: they are changed when the file is loaded, so that what pages only knows steps. */
import { isTextChannel } from '../workflows/channels.js';
import type { Policy, Step } from '../workflows/contract.js';
import { isReference } from '../workflows/references.js';
import type { severities } from './schema.js';

export type SeverityName = (typeof severities)[number];

/** @param callable the contacts of the file that have a phone */
export function withSeverity(policy: Policy, severity: SeverityName, callable: readonly string[]): Policy {
  if (severity === 'low') return withoutCalls({ ...policy, severity });
  return severity === 'critical' ? callingFirst({ ...policy, severity }, callable) : policy;
}

/** A call becomes an SMS, which goes to the same number. */
function withoutCalls(policy: Policy): Policy {
  const { steps, fallback } = policy;
  return {
    ...policy,
    steps: steps.map((step) => ({ ...step, by: isTextChannel(step.by) ? step.by : 'sms' })),
    ...(fallback && { fallback: { ...fallback, channels: fallback.channels.filter(isTextChannel) } }),
  };
}

/** The first step calls as well whoever has a phone. */
function callingFirst(policy: Policy, callable: readonly string[]): Policy {
  const [first, ...others] = policy.steps;
  if (!first || !isTextChannel(first.by)) return policy;
  const calls = callable.filter((contact) => mayPage(first, contact));
  return { ...policy, steps: [calls.length > 0 ? { ...first, calls } : first, ...others] };
}

/** Whom a schedule or the owner means is known when the step begins. */
const mayPage = ({ page }: Step, contact: string): boolean => page.includes(contact) || page.some(isReference);
