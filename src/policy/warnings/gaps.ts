/** Dates at which a schedule has nobody on call. */
import { rotationsOf } from '../check-schedules.js';
import { clockText, instantOf, parseLocalTime } from '../local-time.js';
import { part, spell, type Problem } from '../reading.js';
import type { Planned } from './shifts.js';

/** As many are named; the others are counted. */
const shown = 3;

/** @param fallback the contact who is paged in a gap, if the file has one */
export function gaps(planned: readonly Planned[], fallback: string | undefined): Problem[] {
  return planned.flatMap(({ name, schedule: { timezone }, shifts }) => {
    const end = shifts.at(-1)?.until;
    const found = shifts.filter(({ contact }) => contact === null);
    if (found.length === 0) return [];
    const spans = found.slice(0, shown).map(({ from, until }) => {
      const to = until === end ? 'on' : `to ${clockText(until, timezone)}`;
      return `from ${clockText(from, timezone)} ${to}`;
    });
    const more = found.length > shown ? `, and ${found.length - shown} more times within 28 days` : '';
    const who = fallback === undefined ? 'nobody, for there is no fallback' : `the fallback "${fallback}"`;
    const text = `schedule "${name}" has nobody on call ${spans.join(', ')}${more} (${timezone}). Paged then: ${who}.`;
    return [{ path: ['schedules', name], text }];
  });
}

/** Rotations that begin later. */
export function futureStarts(value: unknown, planned: readonly Planned[], now: number): Problem[] {
  return planned.flatMap(({ name, schedule: { timezone } }) => {
    const path = ['schedules', name];
    return rotationsOf(part(part(value, 'schedules'), name), path).flatMap(([at, rotation]): Problem[] => {
      const start = part(rotation, 'start');
      const local = typeof start === 'string' ? parseLocalTime(start) : null;
      const begin = local === null ? now : instantOf(local, timezone);
      if (begin <= now) return [];
      const text = `${spell(at)} begins on ${clockText(begin, timezone)} (${timezone}): before that it has nobody on call.`;
      return [{ path: [...at, 'start'], text }];
    });
  });
}
