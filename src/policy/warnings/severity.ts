/** Severities and quiet hours without the effect that they seem to have. */
import { isTextChannel } from '../../workflows/channels.js';
import { entries, part, type Problem } from '../reading.js';
import { canBePaged, type Escalation } from '../route.js';

/** @param value the value of the file: the steps of `escalation` are as the severity makes them */
export const severityWarnings = (value: unknown, escalation: Escalation): Problem[] => [
  ...callsOfLow(value),
  ...criticalWithoutCalls(escalation),
  ...quietForNothing(escalation),
];

function callsOfLow(value: unknown): Problem[] {
  return entries(part(value, 'policies')).flatMap(([name, policy]) =>
    entries(part(policy, 'steps')).flatMap(([index, step]): Problem[] => {
      if (part(policy, 'severity') !== 'low' || part(step, 'by') !== 'call') return [];
      const text = `policy "${name}" is low, and never calls: steps[${index}] goes by sms.`;
      return [{ path: ['policies', name, 'steps', index, 'by'], text }];
    }),
  );
}

function criticalWithoutCalls({ policies }: Escalation): Problem[] {
  return Object.values(policies).flatMap(({ name, severity, steps: [first] }): Problem[] => {
    if (severity !== 'critical' || !first || !isTextChannel(first.by) || first.calls) return [];
    const text = `policy "${name}" is critical, and nobody whom its first step pages has a "phone" to be called by.`;
    return [{ path: ['policies', name, 'severity'], text }];
  });
}

function quietForNothing(escalation: Escalation): Problem[] {
  const { contacts, policies, fallback } = escalation;
  const low = Object.entries(policies).filter(([, { severity }]) => severity === 'low');
  // Only a low policy pages the fallback in quiet hours of which it keeps.
  const isPaged = (contact: string): boolean =>
    low.length > 0 &&
    (contact === fallback || canBePaged({ ...escalation, policies: Object.fromEntries(low) }, contact));
  return Object.entries(contacts).flatMap(([key, { quiet }]): Problem[] => {
    if (!quiet || isPaged(key)) return [];
    const text = `the quiet hours of contact "${key}" have no effect: no policy of severity low can page that contact.`;
    return [{ path: ['contacts', key, 'quiet'], text }];
  });
}
