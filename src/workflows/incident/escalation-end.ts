/** The end of an escalation that nobody answered: an alarm for the operator, and one more page, which says so to people. */
import { channelTraits } from '../channels.js';
import { hour, type Channel } from '../contract.js';
import { withRest } from '../names.js';
import { pageContact } from './paging.js';
import type { Page } from './escalation-state.js';
import type { Incident } from './state.js';
import { logDecision, record } from './timeline.js';

/** For how long the last page may be tried by one channel. */
const lastPageLifeMs = hour;

const escalationPages = ({ pages, escalation }: Incident): Page[] => pages.filter(({ n }) => n >= escalation.firstPage);

/** Nothing is gained by paging the same recipients once more. */
export const isExhausted = (incident: Incident): boolean =>
  incident.escalation.accepted ||
  escalationPages(incident).every(({ status, outage }) => status === 'failed' && !outage);

export function giveUp(incident: Incident, now: number): void {
  incident.state = 'unacknowledged';
  const pages = escalationPages(incident);
  if (incident.escalation.accepted) {
    record(incident, now, 'unacknowledged', 'Everybody was paged and nobody answered');
    const message = 'Nobody answered: the incident is unacknowledged';
    incident.logLines.push({ level: 'error', message, about: { alarm: 'unacknowledged' } });
  } else {
    const refused = [...new Set(pages.map(({ contact, channel, why = 'unknown' }) => `${contact} ${channel} ${why}`))];
    const whom = refused.length > 0 ? `Nobody could be reached: ${refused.join(', ')}` : 'Nobody is on call';
    record(incident, now, 'unacknowledged', whom);
    const message = 'Nobody can be reached by the policy: the incident is unacknowledged';
    incident.logLines.push({ level: 'error', message, about: { alarm: 'unacknowledged', refused } });
  }
  pageAtTheEnd(incident, pages, now);
}

/** Pages the fallback contact, or everybody who was reached where there is none: whoever gets it can take the incident by a reply. */
function pageAtTheEnd(incident: Incident, pages: readonly Page[], now: number): void {
  const { fallback } = incident.policy ?? {};
  incident.escalation.pages = [];
  incident.lastChannels =
    fallback === undefined
      ? textChannelsThatReached(pages)
      : [{ contact: fallback.contact, left: [...fallback.channels] }];
  const contacts = incident.lastChannels.map(({ contact }) => contact);
  if (contacts.length === 0) return;
  logDecision(incident, 'ended', { contacts });
  for (const contact of contacts) pageByNextChannel(incident, contact, now);
}

/** The text channels by which pages reached each contact, the newest first: nobody is called once more. */
function textChannelsThatReached(pages: readonly Page[]): Incident['lastChannels'] {
  const reached = new Map<string, Set<Channel>>();
  for (const { contact, channel, status } of pages.toReversed())
    if (status === 'sent')
      reached.set(contact, (reached.get(contact) ?? new Set()).add(channelTraits[channel].notices));
  const inOrder = [...new Set(pages.map(({ contact }) => contact))];
  return inOrder.flatMap((contact) => {
    const channels = reached.get(contact);
    return channels === undefined ? [] : [{ contact, left: [...channels] }];
  });
}

function pageByNextChannel(incident: Incident, contact: string, now: number): void {
  const channel = incident.lastChannels.find((one) => one.contact === contact)?.left.shift();
  if (channel === undefined) return;
  const last = new Set(incident.escalation.pages);
  const pages = escalationPages(incident).filter(({ n }) => !last.has(n));
  const paged = [...new Set(pages.map((page) => page.contact))];
  const reached = pages.some(({ sentAt }) => sentAt !== undefined);
  const ended = { reached, paged: withRest(paged.slice(0, 3), paged.length) };
  pageContact(incident, { contact, channel }, lastPageLifeMs, now, { ended });
}

/** A page failed: the last page of the escalation goes by the next channel. */
export function tryNextChannel(incident: Incident, page: Page, now: number): void {
  if (incident.state !== 'unacknowledged' || !incident.escalation.pages.includes(page.n)) return;
  pageByNextChannel(incident, page.contact, now);
}
