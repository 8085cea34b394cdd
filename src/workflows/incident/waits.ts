/** What an incident waits for, as the Temporal Web UI calls its timer: what has happened, and what ends the wait. */
import { channelName } from '../channels.js';
import { fit, roleOnly, utc } from '../words.js';
import type { Page } from './escalation-state.js';
import type { Incident } from './state.js';
import { presentPages } from './step-status.js';

const maxLength = 200;

/** For people who look at the timeline: contacts by their keys, no number and no person's name. */
export const waitText = (incident: Incident): string => fit(textOf(incident), maxLength);

function textOf(incident: Incident): string {
  switch (incident.state) {
    case null:
      return 'Wait for the first event';
    case 'triggered':
      return pagedText(presentPages(incident).filter(({ status }) => status !== 'failed')) ?? beforePagesText(incident);
    case 'acknowledged':
      return `${roleOnly(incident.acknowledgedBy ?? 'api')} acknowledged: wait for a refresh that works`;
    case 'snoozed':
      return `${roleOnly(incident.snoozed?.by ?? 'api')} snoozed it until ${utc(incident.snoozed?.until ?? 0)}`;
    case 'unacknowledged':
      return 'Nobody answered: wait for the next failure';
    case 'resolved':
      return 'It is over: wait for late replies';
    case 'forgotten':
      return 'It is forgotten';
  }
}

/** Null: nobody was paged in this step. */
function pagedText(pages: readonly Page[]): string | null {
  const [first] = pages;
  if (first === undefined) return null;
  if (pages.every(({ status }) => status === 'held'))
    return `${channelName(first.channel)} to ${first.contact} is held: ${first.why ?? 'for now'}`;
  const contacts = [...new Set(pages.map(({ contact }) => contact))];
  const names = [...new Set(pages.map(({ channel }) => channelName(channel)))];
  return `Wait for ${contacts.join(' or ')} to answer (${names.join(' and ')})`;
}

function beforePagesText({ next, escalation }: Incident): string {
  if (escalation.restarts > 0 && escalation.step < 0) return 'No page could be sent: wait before the next try';
  return next?.what ?? 'Wait';
}
