/** One contact who is on call by two schedules that are meant to be two people. */
import { channels, type Channel, type Policy } from '../../workflows/contract.js';
import { scheduleOf, scheduleReference } from '../../workflows/references.js';
import { clockText } from '../local-time.js';
import type { Problem } from '../reading.js';
import type { Escalation } from '../route.js';
import type { Path } from '../source.js';
import type { Planned } from './shifts.js';

interface Paged {
  schedule: string;
  path: Path;
}

/** The first time at which two schedules that a policy pages by one channel have the same contact on call. */
export function doubleDuty({ policies }: Escalation, planned: readonly Planned[]): Problem[] {
  return Object.values(policies).flatMap((policy) => {
    const compared = new Set<string>();
    return channels.flatMap((channel) => {
      const paged = schedulesPaged(policy, channel);
      return paged.flatMap((second, at) =>
        paged.slice(0, at).flatMap((first): Problem[] => {
          const pair = [first.schedule, second.schedule].toSorted().join(' ');
          if (compared.has(pair)) return [];
          compared.add(pair);
          const found = firstInBoth(planned, first.schedule, second.schedule);
          if (found === null) return [];
          const both = `${scheduleReference(first.schedule)} and ${scheduleReference(second.schedule)} by ${channel}`;
          const text = `policy "${policy.name}" pages ${both}, and both are "${found.contact}" ${found.when}: one person for two.`;
          return [{ path: second.path, text }];
        }),
      );
    });
  });
}

/** Each once, where it is paged first. */
function schedulesPaged({ name, steps }: Policy, channel: Channel): Paged[] {
  const all = steps.flatMap(({ page, by }, step) =>
    page.flatMap((entry, at) => {
      const schedule = by === channel ? scheduleOf(entry) : null;
      const path = ['policies', name, 'steps', String(step), 'page', String(at)];
      return schedule === null ? [] : [{ schedule, path }];
    }),
  );
  return all.filter(({ schedule }, at) => all.findIndex((other) => other.schedule === schedule) === at);
}

function firstInBoth(
  planned: readonly Planned[],
  first: string,
  second: string,
): { contact: string; when: string } | null {
  const [one, other] = [first, second].map((name) => planned.find((each) => each.name === name));
  if (!one || !other) return null;
  const { timezone } = one.schedule;
  let at = 0;
  for (const { contact, from, until } of one.shifts) {
    // Both lists are in order and without a gap: what ended before this shift is not looked at again.
    while ((other.shifts[at]?.until ?? Infinity) <= from) at += 1;
    for (let next = at; (other.shifts[next]?.from ?? Infinity) < until; next += 1) {
      const shift = other.shifts[next];
      if (contact === null || shift?.contact !== contact) continue;
      const [begin, end] = [Math.max(from, shift.from), Math.min(until, shift.until)];
      return { contact, when: `from ${clockText(begin, timezone)} to ${clockText(end, timezone)} (${timezone})` };
    }
  }
  return null;
}
