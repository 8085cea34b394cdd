/** Puts the incident before one contact through one channel. */
import type { Channel } from '../contract.js';
import type { Facts } from '../pager-contract.js';
import { channelName } from '../channels.js';
import { factsOf, keepsQuietHours, withdrawal } from './pager-messages.js';
import type { Page } from './escalation-state.js';
import { addPage, type Incident } from './state.js';
import { record } from './timeline.js';

/** @param waitMs how long the page may be tried */
export function pageContact(
  incident: Incident,
  to: { contact: string; channel: Channel },
  waitMs: number,
  now: number,
  more: Partial<Facts> = {},
): void {
  const { contact, channel } = to;
  giveWay(incident, contact, now);
  incident.lastPage += 1;
  const n = incident.lastPage;
  const { policy, escalation } = incident;
  const isOfStep = policy !== null && escalation.step < policy.steps.length;
  const page: Page = { n, contact, channel, requestedAt: now, status: 'requested' };
  addPage(incident, isOfStep ? { ...page, step: escalation.step + 1 } : page);
  escalation.pages.push(n);
  signalPage(incident, { n, ...to }, waitMs, more);
}

/** A page of an earlier step that still waits for the end of quiet hours gives way to the next one to its contact. */
function giveWay(incident: Incident, contact: string, now: number): void {
  const { firstPage, pages } = incident.escalation;
  const earlier = incident.pages.filter(
    (page) =>
      page.contact === contact && page.n >= firstPage && !pages.includes(page.n) && isHeldByQuietHours(page, now),
  );
  for (const page of earlier) withdrawPage(incident, page, 'a later step pages the same contact', now);
}

/** Whether a page waits for the end of the contact's quiet hours. */
export const isHeldByQuietHours = ({ status, quietUntil = 0 }: Page, now: number): boolean =>
  status === 'held' && quietUntil > now;

/** Takes back a page that was not sent. @param why for people and the log */
export function withdrawPage(incident: Incident, page: Page, why: string, now: number): void {
  const { contact, channel } = page;
  record(incident, now, 'skipped', `${channelName(channel)} to ${contact}: ${why}`, { channel, contact, why });
  page.status = 'failed';
  page.why = 'withdrawn';
  page.withdrawnFor = why;
  page.outage = true;
  incident.outgoing.push({ contact, signal: 'withdraw', payload: withdrawal(incident, page.n) });
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
  const payload = {
    incident: incident.id,
    pageId,
    channel,
    facts,
    waitMs,
    ...(keepsQuietHours(incident) ? { keepsQuietHours: true as const } : {}),
  };
  incident.outgoing.push({ contact, signal: 'page', payload });
}
