import { durationPattern, parseDuration } from '../../policy/duration.js';
import { day, hour } from '../../workflows/contract.js';
import { problem } from '../problem.js';

const form = new RegExp(durationPattern);

/** `7d` in milliseconds. @throws a 400 for what is no time from 1h to 90d */
export function sinceMsOf(since: string): number {
  const ms = form.test(since) ? parseDuration(since) : null;
  if (ms !== null && ms >= hour && ms <= 90 * day) return ms;
  throw problem(400, 'BAD_SINCE', 'since must be a time from 1h to 90d, such as 7d.');
}
