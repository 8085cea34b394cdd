/** What the escalation file would do with a failure: which route decides, and who would be paged when if nobody answered. Pure. */
import { channelTraits } from '../workflows/channels.js';
import type { Channel, Policy, Step } from '../workflows/contract.js';
import { isReference } from '../workflows/references.js';
import { conditionNames, verdictOn, type ConditionName, type FailureFacts, type Verdict } from './conditions.js';
import { contactFor } from './contact-for.js';
import { quietUntil } from './quiet-hours.js';
import type { Escalation } from './route.js';

export interface TriedRoute {
  /** Its position in the file, from 1. */
  route: number;
  conditions: { name: ConditionName; verdict: Verdict }[];
  /** Whether all of them are met. */
  verdict: Verdict;
}

/** The routes until the one that decides. */
export function triedRoutes({ routes }: Pick<Escalation, 'routes'>, facts: FailureFacts): TriedRoute[] {
  const tried: TriedRoute[] = [];
  for (const [index, route] of routes.entries()) {
    const conditions = conditionNames.flatMap((name) => {
      const verdict = verdictOn(route, name, facts);
      return verdict === undefined ? [] : [{ name, verdict }];
    });
    const verdicts = conditions.map(({ verdict }) => verdict);
    const verdict = verdicts.includes('missed') ? 'missed' : verdicts.includes('unknown') ? 'unknown' : 'met';
    tried.push({ route: index + 1, conditions, verdict });
    if (verdict === 'met') break;
  }
  return tried;
}

export interface PlannedPage {
  /** When it is sent, milliseconds since the epoch. */
  at: number;
  /** It waited until then for the end of the contact's quiet hours. */
  wasQuiet?: true;
  /** From 1; both null for the page after the last step. */
  round: number | null;
  step: number | null;
  by: Channel;
  contact: string;
  /** `schedule/<name>` or `owner`, where the step does not name the contact. */
  meant?: string;
}

interface Beginning {
  at: number;
  /** The names that the owner of the item has in Tableau. */
  owner?: readonly string[];
}

/**
 * Every page of an escalation that nobody answers, in the order of its steps, where each is sent as soon as it may be: the steps of all rounds, and the page after the last
 * one. A step that pages nobody is over at once; one whose contacts all have quiet hours that it keeps begins to wait when the first page is sent.
 */
export function plannedPages(escalation: Escalation, policy: Policy, { at, owner = [] }: Beginning): PlannedPage[] {
  let pages: PlannedPage[] = [];
  let now = at;
  const paged = new Set<string>();
  for (let round = 1; round <= policy.repeat + 1; round += 1) {
    for (const [index, step] of policy.steps.entries()) {
      const place = { at: now, round, step: index + 1 };
      const planned = pagesOf(step, contactsOf(escalation, step, now, owner)).map((page) =>
        afterQuietHours(escalation, policy, { ...place, ...page }),
      );
      if (planned.length === 0) continue;
      pages = [...withoutWaiting(pages, planned, now), ...planned];
      now = Math.min(...planned.map((page) => page.at)) + step.waitMs;
      for (const { contact } of planned) paged.add(contact);
    }
  }
  const sent = pages.filter((page) => page.at <= now);
  const last = lastPages(policy, sent, [...paged], now).map((page) => afterQuietHours(escalation, policy, page));
  return [...withoutWaiting(pages, last, now), ...last];
}

type Meant = Pick<PlannedPage, 'contact' | 'meant'>;

const pagesOf = ({ by, calls = [] }: Step, contacts: readonly Meant[]): (Meant & Pick<PlannedPage, 'by'>)[] => [
  ...contacts.map((found) => ({ ...found, by })),
  ...contacts.filter(({ contact }) => calls.includes(contact)).map((found) => ({ ...found, by: 'call' as const })),
];

/** A page that still waits for the end of quiet hours gives way to the next one to its contact. */
const withoutWaiting = (pages: readonly PlannedPage[], next: readonly PlannedPage[], now: number): PlannedPage[] =>
  pages.filter((page) => page.at <= now || next.every(({ contact }) => contact !== page.contact));

function afterQuietHours(escalation: Escalation, { severity }: Policy, page: PlannedPage): PlannedPage {
  const until = severity === 'low' ? quietUntil(escalation, page.contact, page.at) : null;
  return until === null ? page : { ...page, at: until, wasQuiet: true };
}

/** Each contact once, in order. */
function contactsOf(escalation: Escalation, { page, by }: Step, now: number, owner: readonly string[]): Meant[] {
  const found = new Map<string, Meant>();
  for (const entry of page) {
    const contact = isReference(entry) ? contactFor(escalation, entry, { by, at: now, owner }) : entry;
    if (contact === null || found.has(contact)) continue;
    found.set(contact, { contact, ...(isReference(entry) && { meant: entry }) });
  }
  return [...found.values()];
}

/** The fallback, or everybody who was reached, by the text channel of their newest page. @param sent by then */
function lastPages(
  { fallback }: Policy,
  sent: readonly PlannedPage[],
  contacts: readonly string[],
  at: number,
): PlannedPage[] {
  const last = { at, round: null, step: null };
  if (fallback) {
    const [by] = fallback.channels;
    return by === undefined ? [] : [{ ...last, by, contact: fallback.contact }];
  }
  return contacts.flatMap((contact) => {
    const newest = sent.findLast((page) => page.contact === contact);
    return newest ? [{ ...last, by: channelTraits[newest.by].notices, contact }] : [];
  });
}
