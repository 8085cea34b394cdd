/** The texts of answers about schedules. */
import type { OnCallNow } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import { quoted, withRest } from '../names.js';
import { duration, firstThatFits } from '../words.js';

export const whoFailedText = 'Who is on call could not be found. Please ask again in a minute.';
export const notPreparedText = 'Nothing was changed: schedules could not be read. Please ask again in a minute.';
export const notMadeText = 'It is not known whether this was done. Reply WHO before you ask again.';

export const noSuchItemText = 'You have no item with a name like that. Reply with its number, such as MUTE 2 2h.';
export const notMutedText = (why: string): string =>
  `Not possible by text: ${why}. Silence its project, or use the API.`;

/** `Which one? [3] "Sales and marketing", [4] "Sales and mail". Reply with its number, such as MUTE 3 2h.` */
export function whichItemText(choices: readonly { number: number; name: string }[], count: number): string {
  const some = choices.map(({ number, name }) => `[${number}] ${quoted(name, 24)}`);
  return `Which one? ${withRest(some, count)}. Reply with its number, such as MUTE ${choices[0]?.number ?? 2} 2h.`;
}

/** What an activity says, cut to the channel. */
export const requestText = (text: string, channel: TextChannel): string => firstThatFits([text], channel);

/** `Reply 4821 to put ben on call (data) from Fri 18:00 to Sat 09:00.` */
export const codeText = (code: string, what: string, channel: TextChannel): string =>
  firstThatFits([`Reply ${code} to ${what}.`], channel);

export const wrongCodeText = (left: number): string =>
  left > 0
    ? `That is not the code. ${left === 1 ? '1 more try' : `${left} more tries`}.`
    : 'That is not the code. Nothing was changed, and the code does not count any more.';

/** The answer to a request after too many wrong codes. */
export const lockedText = (waitMs: number): string =>
  `Three codes were wrong: no other is sent for ${duration(waitMs)}. Nothing was changed.`;

/** "data: ana until Mon 09:00, then ben." for as many schedules as fit, one a line, "and 3 more" for the others. */
export function whoText({ sentences, count, isByFileAlone }: OnCallNow, channel: TextChannel): string {
  if (count === 0) return 'There are no schedules.';
  const note = isByFileAlone ? ['Overrides could not be read: this is by the file alone.'] : [];
  const draft = (shown: number): string => {
    const more = count > shown ? [`and ${count - shown} more.`] : [];
    return [...sentences.slice(0, shown), ...more, ...note].join('\n');
  };
  return firstThatFits(
    sentences.map((_, n) => draft(sentences.length - n)),
    channel,
  );
}
