/** What a contact means who silences a project or an item by text (`MUTE Finance 2h`). Pure; times are milliseconds since the epoch. */
import type { EntryCommand } from '../workflows/activity-contract.js';
import { hour } from '../workflows/contract.js';
import { isShownWhole } from '../workflows/names.js';
import type { Silence } from '../workflows/on-call-contract.js';
import { nextTimeOfDay } from './local-time.js';
import type { Escalation } from './route.js';
import { silencedText, untilText } from './silence-notices.js';
import { readSilence } from './silences.js';
import { timezoneOf } from './timezone-of.js';

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
  const to = time.kind === 'for' ? now + time.ms : nextTimeOfDay(time.to, timezoneOf(escalation, by), now);
  if (to - now > longestMs) return { refused: 'A silence by text lasts at most 12 h.' };
  // What the contact confirms has to be what is silenced.
  if (!isShownWhole(match.project ?? match.item ?? ''))
    return { refused: 'Not possible by text: that name cannot be shown as it is.' };
  const iso = (at: number): string => new Date(at).toISOString();
  const read = readSilence({ match, start: iso(now), end: iso(to), reason: muteReason, by }, { id, now });
  if ('problem' in read) return { refused: `Not possible: ${read.problem.message}` };
  return { silence: read.value, what: `silence ${silencedText(match)} until ${untilText(escalation, by, to, now)}` };
}
