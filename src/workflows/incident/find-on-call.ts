/** Whom a step means by a schedule, or as the owner: an activity finds it, and then they are paged. */
import type { FoundOnCall } from '../activity-contract.js';
import { channelName } from '../channels.js';
import type { Step } from '../contract.js';
import type { ActivityEffect } from '../machine.js';
import { isReference, nobodyText, referenceText } from '../references.js';
import { pageStep } from './escalation.js';
import { applyDuties, type OnCallCall } from './hand-over.js';
import { nextId, type Incident } from './state.js';
import { presentStep } from './step-status.js';
import { record } from './timeline.js';

/** The activity that finds whom the present step means has begun. */
export const isFindingOnCall = ({ state, escalation }: Incident): boolean =>
  state === 'triggered' && typeof escalation.unresolved?.id === 'string';

/** Begins to find whom the present step names by a schedule or as the owner. */
export function beginFindingOnCall(incident: Incident): ActivityEffect<OnCallCall>[] {
  const { unresolved } = incident.escalation;
  if (!unresolved) return [];
  const id = nextId(incident, 'on-call');
  unresolved.id = id;
  incident.inFlight.push({ id, activity: 'findOnCall' });
  const { references } = unresolved;
  const by = presentStep(incident)?.by ?? 'sms';
  const call = { activity: 'findOnCall', input: { references, by, item: incident.item } } as const;
  return [{ type: 'activity', id, call, summary: `Find ${references.map(referenceText).join(' and ')}` }];
}

interface AwaitedStep {
  step: Step;
  references: string[];
}

/** The present step, if it waits for this activity, from now on not any more; a step that is over meanwhile has another, or none. */
function awaitedStep(incident: Incident, id: string): AwaitedStep | null {
  const { unresolved } = incident.escalation;
  if (incident.state !== 'triggered' || unresolved?.id !== id) return null;
  delete incident.escalation.unresolved;
  const step = presentStep(incident);
  return step ? { step, references: unresolved.references } : null;
}

/** It is known whom the present step means: they are paged, each once. */
export function applyOnCall(incident: Incident, id: string, found: FoundOnCall, now: number): void {
  const awaited = awaitedStep(incident, id);
  if (!awaited) return;
  pageFound(incident, awaited, found.contacts, now);
  applyDuties(incident, found, now);
}

function pageFound(
  incident: Incident,
  { step, references }: AwaitedStep,
  found: Record<string, string | null>,
  now: number,
): void {
  for (const reference of references.filter((each) => (found[each] ?? null) === null)) {
    const text = `${channelName(step.by)}: ${nobodyText(reference)}`;
    record(incident, now, 'nobody', text, { channel: step.by, reference });
  }
  const contacts = step.page.flatMap((entry) => (isReference(entry) ? (found[entry] ?? []) : [entry]));
  pageStep(incident, step, [...new Set(contacts)], now);
}

/** No worker could find out: the fallback is paged for whatever is not known. */
export function applyOnCallFailure(incident: Incident, id: string, why: string, now: number): void {
  const awaited = awaitedStep(incident, id);
  if (!awaited) return;
  const { step, references } = awaited;
  const { fallback } = incident.policy ?? {};
  const contact = fallback?.channels.includes(step.by) ? fallback.contact : null;
  incident.logLines.push({
    level: 'error',
    message: 'Who is on call could not be found',
    about: { references, paged: contact === null ? [] : [contact], error: why },
  });
  pageFound(incident, awaited, Object.fromEntries(references.map((reference) => [reference, contact])), now);
}

/** The run had to end before it was known: the next one finds it. */
export function cancelFindingOnCall(incident: Incident, id: string): void {
  const { unresolved } = incident.escalation;
  if (unresolved?.id === id) unresolved.id = null;
}
