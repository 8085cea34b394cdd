/** The texts of answers about schedules. */
import type { OnCallNow } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import { firstThatFits } from '../words.js';

export const whoFailedText = 'Who is on call could not be found. Please ask again in a minute.';

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
