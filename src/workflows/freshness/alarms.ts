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

/** Raises what the last looks named, and ends what they did not. */
export function applyAlarms(freshness: Freshness, now: number): void {
  const { lookAlarms, flows, check } = freshness;
  const named = [...lookAlarms, ...flows.alarms, ...unreachable(freshness, now)];
  const present = named.filter(({ code }, index) => named.findIndex((one) => one.code === code) === index);
  // While a look fails nothing is known of its others; one that names an alarm had an answer.
  const isKept = (code: string): boolean =>
    check.failingSince !== null &&
    code !== 'flows-refused' &&
    (code !== 'tableau-unreachable' || lookAlarms.length === 0);
  for (const { code } of freshness.alarms) {
    if (present.some((one) => one.code === code) || isKept(code)) continue;
    freshness.alarms = freshness.alarms.filter((one) => one.code !== code);
    freshness.logLines.push({ level: 'info', message: 'An alarm is over', about: { alarm: code } });
  }
  for (const alarm of present) raise(freshness, alarm, now);
}

/** A refusal has its own alarm. */
function unreachable({ check, lookAlarms, flows }: Freshness, now: number): FreshnessAlarm[] {
  const failing = [
    lookAlarms.length > 0 ? null : check.failingSince,
    flows.alarms.length > 0 ? null : flows.failingSince,
  ];
  const since = Math.min(...failing.map((at) => at ?? Infinity));
  if (now - since < unreachableAfterMs) return [];
  const what = flows.everyMs === null ? 'which data is late' : 'which data is late or which runs of flows failed';
  const text =
    `Tableau has not answered for ${duration(now - since)}, so that nobody knows ${what}. ` +
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
