/** Puts the incident before one contact through one channel. */
import type { Channel, Facts } from '../contract.js';
import { factsOf } from './pager-messages.js';
import { addPage, type Incident, type Page } from './state.js';

/** @param waitMs how long the page may be tried */
export function pageContact(
  incident: Incident,
  to: { contact: string; channel: Channel },
  waitMs: number,
  now: number,
  more: Partial<Facts> = {},
): void {
  const { contact, channel } = to;
  incident.lastPage += 1;
  const n = incident.lastPage;
  addPage(incident, { n, contact, channel, requestedAt: now, status: 'requested' });
  incident.escalation.pages.push(n);
  signalPage(incident, { n, ...to }, waitMs, more);
}

/** What the pager of a contact receives: the page with what is known now. */
export function signalPage(
  incident: Incident,
  { n, contact, channel }: Pick<Page, 'n' | 'contact' | 'channel'>,
  waitMs: number,
  more: Partial<Facts> = {},
): void {
  const pageId = `${incident.episode}.${n}`;
  const facts = { ...factsOf(incident, contact), ...more };
  const payload = { incident: incident.id, pageId, channel, facts, waitMs };
  incident.outgoing.push({ contact, signal: 'page', payload });
}
