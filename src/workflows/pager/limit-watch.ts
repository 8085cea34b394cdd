/** What happens while the hourly limit holds pages: an alarm, and one text to the person who would wonder at the silence. */
import { channelTraits, textChannels, type TextChannel } from '../channels.js';
import { channels, hour, minute, type Channel } from '../contract.js';
import { clearAlarm, raiseAlarm, unknownItems } from './alarms.js';
import { isUnknown } from './items.js';
import { heldGroups, type HeldGroup } from './held-groups.js';
import { queueText } from './outbox.js';
import { isQuiet } from './quiet-hours.js';
import { limitText } from './reply-texts.js';
import type { Pager } from './state.js';

/** A shorter silence is not worth a message. */
const minWaitMs = 5 * minute;
const notifiedEveryMs = hour;

export function watchLimits(pager: Pager, now: number): void {
  let unknown: { channel: Channel; group: HeldGroup } | undefined;
  for (const channel of channels) {
    const over = heldGroups(pager, channel, now).filter(({ overLimit }) => overLimit);
    const known = over.find(({ areUnknown }) => !areUnknown);
    if (known) notifyOfLimit(pager, channel, known.at - now, now);
    setAlarm(pager, `${channel}-limit`, channel, known, now);
    const group = over.find(({ areUnknown }) => areUnknown);
    if (group) unknown ??= { channel, group };
  }
  setAlarm(pager, unknownItems, unknown?.channel ?? 'sms', unknown?.group, now);
}

function setAlarm(pager: Pager, code: string, channel: Channel, over: HeldGroup | undefined, now: number): void {
  if (over) raiseAlarm(pager, code, channel, `Pages are held: ${over.why}`, now);
  else clearAlarm(pager, code, channel);
}

/** Tells the contact once an hour, by a text that does not count against pages. */
function notifyOfLimit(pager: Pager, channel: Channel, waitMs: number, now: number): void {
  const { hourlyLimit, isCall } = channelTraits[channel];
  const by = noticeChannel(pager, channel);
  if (by === undefined || waitMs < minWaitMs || now - pager.limitNotifiedAt[hourlyLimit] < notifiedEveryMs) return;
  pager.limitNotifiedAt = { ...pager.limitNotifiedAt, [hourlyLimit]: now };
  const waiting = pager.held.filter(
    (page) =>
      channelTraits[page.channel].hourlyLimit === hourlyLimit && !isUnknown(pager, page.key) && !isQuiet(page, now),
  );
  const count = new Set(waiting.map(({ key }) => key)).size;
  queueText(pager, by, limitText({ waitMs, count, limit: pager.settings[hourlyLimit], isCall }), now);
}

const noticeChannel = (pager: Pager, channel: Channel): TextChannel | undefined =>
  [channelTraits[channel].notices, ...textChannels].find((one) => !pager.stopped.includes(one));
