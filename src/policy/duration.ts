const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const duration = '^([0-9]+[smhd])+$';

/** Milliseconds of a text such as `90s`, `5m`, `1h30m` or `7d`, or null where it is none. */
export function parseDuration(text: string): number | null {
  if (!new RegExp(duration).test(text)) return null;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([smhd])/g)) {
    if (unit === 's' || unit === 'm' || unit === 'h' || unit === 'd') sum += Number(count) * units[unit];
  }
  return sum;
}
