/** How a pager reads in the Temporal Web UI: items and states, never a number or a person's name. */
import { asMarkdown } from '../names.js';
import { raisedAlarms } from './alarms.js';
import { itemText, openItems } from './items.js';
import type { Pager } from './state.js';
import { channelName } from '../channels.js';
import { duration, utc } from '../words.js';

export function pagerDetails(pager: Pager, now: number): string {
  const open = openItems(pager);
  return [
    `Pager of \`${pager.contact}\`: **${open.length} open**, ${pager.held.length} held, ${pager.outbox.length} being sent`,
    ...(pager.stopped.length > 0 ? [`Stopped: ${pager.stopped.map((one) => channelName(one)).join(', ')}`] : []),
    ...raisedAlarms(pager).map(({ code, channel }) => `Alarm: ${code} (${channelName(channel)})`),
    '',
    ...open.slice(0, 20).map((item) => {
      const number = item.number === null ? '' : `[${item.number}] `;
      return `- ${number}${asMarkdown(itemText(item))}, ${duration(now - item.facts.since)}`;
    }),
    ...(pager.sent.length > 0 ? ['', 'Sent:', ''] : []),
    ...pager.sent.slice(-10).map(({ at, channel, pages, status }) => {
      const carried = pages.length === 0 ? 'text' : pages.length === 1 ? '1 page' : `${pages.length} pages`;
      return `- ${utc(at)} · ${channelName(channel)} · ${carried} · ${status}`;
    }),
  ].join('\n');
}
