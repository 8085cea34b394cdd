import { day, hour, minute, second } from '../workflows/contract.js';

const units = { s: second, m: minute, h: hour, d: day };

/** The form of a duration: `90s`, `5m`, `1h30m` or `7d`. */
export const durationPattern = '^([0-9]+[smhd])+$';

/** A duration in milliseconds, or null for a text of another form. */
export function parseDuration(text: string): number | null {
  if (!new RegExp(durationPattern).test(text)) return null;
  let sumMs = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhd])/g)) {
    if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') sumMs += Number(count) * units[unit];
  }
  return sumMs;
}

/** `1h30m` of milliseconds: the form of the file, in whole seconds. */
export function durationText(ms: number): string {
  let left = ms;
  const parts = Object.entries(units)
    .toReversed()
    .flatMap(([unit, lengthMs]) => {
      const count = Math.floor(left / lengthMs);
      left -= count * lengthMs;
      return count === 0 ? [] : [`${count}${unit}`];
    });
  return parts.join('') || '0s';
}
