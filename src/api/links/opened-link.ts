/** What a link opens, found anew at each request: nothing is stored for it. */
import type { LinkToken, LinkTokens } from '../../links/token.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { readAnswered, readIncident } from '../../temporal/read-incident.js';
import { readNumbers } from '../../temporal/read-numbers.js';
import { day } from '../../workflows/contract.js';
import type { LinkTarget } from '../../workflows/pager-contract.js';
import type { IncidentRow, IncidentView, ShownAnswers } from '../../workflows/view-contract.js';
import type { TemporalGateway } from '../temporal-gateway.js';

/** How long a link lives after the end of its episode; that of a bundle, which has no end, after it was made. */
export const linkExpiryMs = day;

export interface OpenedIncident {
  kind: 'incident';
  /** For whom it is. */
  contact: string;
  target: LinkTarget;
  view: IncidentView;
  /** What became of the newest answers, by their ids. */
  answers: ShownAnswers;
}
export interface OpenedList {
  kind: 'list';
  contact: string;
  /** What is open for the contact, of what messages have named: first what nobody has, the newest first. */
  items: { target: LinkTarget; view: IncidentView }[];
}

interface Dependencies {
  tokens: LinkTokens;
  temporal: TemporalGateway;
  escalation: EscalationSource;
  clock: () => number;
}

const readAtOnce = 10;

/** Whether it is of this episode, and not over for long. While a workflow begins it does not say its episode. */
export function isAlive(row: IncidentRow, target: Pick<LinkTarget, 'episode'>, now: number): boolean {
  if (row.episode !== null && row.episode !== target.episode) return false;
  if (row.state !== 'resolved' && row.state !== 'forgotten') return true;
  return now - Date.parse(row.endedAt ?? row.lastFailedAt) < linkExpiryMs;
}

const isTaken = ({ state }: IncidentRow): boolean => state === 'acknowledged' || state === 'snoozed';

/**
 * Opens what the token of a link is for. Null for every token that is none, or none any more: guessed, of another contact or episode, of a contact who
 * is not in the escalation file, of a number that was given again, expired. Throws `temporalUnavailable`.
 */
export function createOpenLink({ tokens, temporal, escalation, clock }: Dependencies) {
  const read: TemporalGateway['request'] = temporal.request;
  const { readTimeoutMs } = temporal.timeouts;

  async function openIncident(contact: string, token: LinkToken): Promise<OpenedIncident | null> {
    const target = (await read(readTimeoutMs, (client) => readNumbers(client, contact))).get(token.number);
    if (target === undefined || !tokens.isFor(token, contact, target)) return null;
    const found = await read(readTimeoutMs, (client) => readAnswered(client, target.incident));
    if (found === null || !isAlive(found.view, target, clock())) return null;
    return { kind: 'incident', contact, target, ...found };
  }

  async function openList(contact: string, token: LinkToken): Promise<OpenedList | null> {
    const target = { number: 0, incident: '', episode: '', at: token.at };
    if (!tokens.isFor(token, contact, target) || clock() - token.at >= linkExpiryMs) return null;
    const numbers = await read(readTimeoutMs, (client) => readNumbers(client, contact));
    const newest = [...numbers.values()].toSorted((a, b) => b.at - a.at || b.number - a.number);
    const items: OpenedList['items'] = [];
    for (let at = 0; at < newest.length; at += readAtOnce) {
      const views = await Promise.all(newest.slice(at, at + readAtOnce).map(readOpen));
      items.push(...views.filter((one) => one !== null));
    }
    return {
      kind: 'list',
      contact,
      items: items.toSorted((a, b) => Number(isTaken(a.view)) - Number(isTaken(b.view))),
    };
  }

  async function readOpen(target: LinkTarget): Promise<OpenedList['items'][number] | null> {
    const view = await read(readTimeoutMs, (client) => readIncident(client, target.incident));
    const isOpen = view !== null && view.endedAt === null && isAlive(view, target, clock());
    return isOpen ? { target, view } : null;
  }

  return async (text: string): Promise<OpenedIncident | OpenedList | null> => {
    const token = tokens.read(text);
    if (token === null) return null;
    const contacts = Object.keys(escalation.current().contacts);
    for (const contact of tokens.contactsOf(token, contacts)) {
      const opened = await (token.number === 0 ? openList : openIncident)(contact, token);
      if (opened !== null) return opened;
    }
    return null;
  };
}
export type OpenLink = ReturnType<typeof createOpenLink>;
