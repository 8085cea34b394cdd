/** Problems of the way in which late items are found: logged, shown in the memo, and told to the operators, each once while it lasts. */
import { duration } from '../words.js';
import { hour } from '../contract.js';
import type { FreshnessAlarm } from '../freshness-contract.js';
import { queueNotices } from '../text-notices.js';
import type { Freshness } from './state.js';

/** Tableau may be restarted, or updated. */
const unreachableAfterMs = hour;
/** A problem that comes and goes is told once in this time. */
const tellAgainMs = 6 * hour;

/** @param found what the look that has just ended names */
export function applyAlarms(freshness: Freshness, found: readonly FreshnessAlarm[], now: number): void {
  const { failingSince } = freshness.check;
  const present = [...found, ...unreachable(failingSince, found, now)];
  // While a look fails nothing is known of the others; one that names an alarm had an answer.
  const isKept = (code: string): boolean =>
    failingSince !== null && (code !== 'tableau-unreachable' || found.length === 0);
  for (const { code } of freshness.alarms) {
    if (present.some((one) => one.code === code) || isKept(code)) continue;
    freshness.alarms = freshness.alarms.filter((one) => one.code !== code);
    freshness.logLines.push({ level: 'info', message: 'An alarm is over', about: { alarm: code } });
  }
  for (const alarm of present) raise(freshness, alarm, now);
}

/** A sign-in that is refused has its own alarm. */
function unreachable(failingSince: number | null, found: readonly FreshnessAlarm[], now: number): FreshnessAlarm[] {
  if (failingSince === null || now - failingSince < unreachableAfterMs || found.length > 0) return [];
  const text =
    `Tableau has not answered for ${duration(now - failingSince)}, so that nobody knows which data is late. ` +
    'Is it up, and can this service reach it?';
  return [{ code: 'tableau-unreachable', text }];
}

function raise(freshness: Freshness, { code, text }: FreshnessAlarm, now: number): void {
  const known = freshness.alarms.find((one) => one.code === code);
  if (known) return;
  freshness.alarms = [...freshness.alarms, { code, since: now, text }];
  freshness.logLines.push({ level: 'error', message: text, about: { alarm: code } });
  const { [code]: noticedAt } = freshness.noticedAt;
  if (noticedAt !== undefined && now - noticedAt < tellAgainMs) return;
  freshness.noticedAt = { ...freshness.noticedAt, [code]: now };
  const texts = freshness.operators.map((operator) => ({ ...operator, text: `Tableau alerts: ${text}` }));
  queueNotices(freshness.notices, `${code}-${now}`, texts, now);
}
