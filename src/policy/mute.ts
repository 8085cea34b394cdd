/** What a contact means who silences a project or an item by text (`MUTE Finance 2h`). Pure; times are milliseconds since the epoch. */
import type { EntryCommand } from '../workflows/activity-contract.js';
import { hour } from '../workflows/contract.js';
import { quoted } from '../workflows/names.js';
import type { Silence, SilenceMatch } from '../workflows/on-call-contract.js';
import { dayTimeText, nextTimeOfDay } from './local-time.js';
import type { Escalation } from './route.js';
import { readSilence } from './silences.js';

export type MuteCommand = Extract<EntryCommand, { verb: 'mute' }>;

const longestMs = 12 * hour;
export const muteReason = 'by text';

/**
 * What is silenced until when, or why not, as a sentence.
 * @param by the contact who asks for it
 */
export function readMute(
  escalation: Escalation,
  by: string,
  { match, time }: MuteCommand,
  { id, now }: { id: string; now: number },
): { refused: string } | { silence: Silence; what: string } {
  const timezone = zoneOf(escalation, by);
  const to = time.kind === 'for' ? now + time.ms : nextTimeOfDay(time.to, timezone, now);
  if (to - now > longestMs) return { refused: 'A silence by text lasts at most 12 h.' };
  const iso = (at: number): string => new Date(at).toISOString();
  const read = readSilence({ match, start: iso(now), end: iso(to), reason: muteReason, by }, { id, now });
  if ('problem' in read) return { refused: `Not possible: ${read.problem.message}` };
  return { silence: read.value, what: `silence ${mutedText(match)} until ${untilText(escalation, by, to, now)}` };
}

/** `project "Finance/**"`, without what a phone makes a link of */
export const mutedText = ({ project, item }: SilenceMatch): string =>
  project === undefined ? quoted(item ?? '', 60) : `project ${quoted(project, 60)}`;

/** `Sat 06:00 (Europe/Berlin)`, on the clock of the contact. */
export function untilText(escalation: Escalation, by: string, to: number, now: number): string {
  const timezone = zoneOf(escalation, by);
  return `${dayTimeText(to, timezone, now)} (${timezone})`;
}

/** That of the contact, else of the first schedule. */
function zoneOf({ contacts, schedules = {} }: Escalation, by: string): string {
  const own = Object.hasOwn(contacts, by) ? contacts[by]?.timezone : undefined;
  return own ?? Object.values(schedules)[0]?.timezone ?? 'UTC';
}
