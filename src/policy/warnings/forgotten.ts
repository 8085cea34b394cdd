/**
 * What a policy plans for a time when the incident is over: without an event for `settings.forget` it is forgotten
 * (`workflows/incident/forget.ts`), whatever is still to come.
 */
import type { Policy } from '../../workflows/contract.js';
import { durationText } from '../duration.js';
import type { Problem } from '../reading.js';
import type { Escalation } from '../route.js';

export function forgottenTooSoon({ policies, settings: { forgetMs } }: Escalation): Problem[] {
  const forget = `without an event for ${durationText(forgetMs)} (settings.forget) an incident is forgotten`;
  return Object.values(policies).flatMap((policy): Problem[] => {
    const { name, steps, repeat, remindMs } = policy;
    const roundMs = steps.reduce((sum, { waitMs }) => sum + waitMs, 0);
    const takesMs = roundMs * (repeat + 1);
    const path = ['policies', name];
    const tooLong =
      takesMs <= forgetMs
        ? []
        : [
            {
              path: [...path, 'steps'],
              text: `policy "${name}" takes ${durationText(takesMs)} for its steps, but ${forget}: ${neverComes(policy, forgetMs)}`,
            },
          ];
    const tooLate =
      remindMs <= forgetMs
        ? []
        : [
            {
              path: [...path, 'remind'],
              text: `policy "${name}" reminds after ${durationText(remindMs)}, but ${forget}: unless it fails again there may be no reminder.`,
            },
          ];
    return [...tooLong, ...tooLate];
  });
}

/** Of steps that take longer than until the incident is forgotten: what is not due before. */
function neverComes({ steps, repeat }: Policy, forgetMs: number): string {
  let dueMs = 0;
  for (let round = 0; round <= repeat; round += 1)
    for (const [index, { waitMs }] of steps.entries()) {
      if (dueMs > forgetMs) {
        const which = round === 0 ? `steps[${index}]` : `steps[${index}] of repetition ${round}`;
        return `unless it fails again, what begins with ${which} may never be taken.`;
      }
      dueMs += waitMs;
    }
  return 'unless it fails again, the alarm that nobody answered may never come.';
}
