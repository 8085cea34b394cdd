/** What happens while the hourly limit holds pages: an alarm, and one text to the person who would wonder at the silence. */
import { channelTraits, textChannels, type TextChannel } from '../channels.js';
import { channels, hour, minute, type Channel } from '../contract.js';
import { clearAlarm, raiseAlarm } from './alarms.js';
import { heldUntil, queueText } from './outbox.js';
import { quietText } from './reply-texts.js';
import type { Pager } from './state.js';

/** A shorter silence is not worth a message. */
const minQuietMs = 5 * minute;
const quietToldEveryMs = hour;

export function watchLimits(pager: Pager, now: number): void {
  for (const channel of channels) {
    const alarm = `${channel}-limit`;
    const wait = heldUntil(pager, channel, now);
    if (!wait?.overLimit) {
      clearAlarm(pager, alarm);
      continue;
    }
    raiseAlarm(pager, alarm, channel, `Pages are held: ${wait.why}`, now);
    tellQuiet(pager, channel, wait.at - now, now);
  }
}

/** Tells the contact once an hour, by a text that does not count against pages. */
function tellQuiet(pager: Pager, channel: Channel, quietMs: number, now: number): void {
  const { hourlyLimit, isCall } = channelTraits[channel];
  const by = noticeChannel(pager, channel);
  if (by === undefined || quietMs < minQuietMs || now - pager.quietToldAt[hourlyLimit] < quietToldEveryMs) return;
  pager.quietToldAt = { ...pager.quietToldAt, [hourlyLimit]: now };
  const waiting = pager.held.filter((page) => channelTraits[page.channel].hourlyLimit === hourlyLimit);
  const count = new Set(waiting.map(({ key }) => key)).size;
  queueText(pager, by, quietText({ quietMs, count, limit: pager.settings[hourlyLimit], isCall }), now);
}

const noticeChannel = (pager: Pager, channel: Channel): TextChannel | undefined =>
  [channelTraits[channel].notices, ...textChannels].find((one) => !pager.stopped.includes(one));
