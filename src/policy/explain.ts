/** What the escalation file would do with a failure: which route decides, and who would be paged when if nobody answered. Pure. */
import { channelTraits } from '../workflows/channels.js';
import type { Channel, Policy } from '../workflows/contract.js';
import { isReference } from '../workflows/references.js';
import { conditionNames, verdictOn, type ConditionName, type FailureFacts, type Verdict } from './conditions.js';
import { contactFor } from './contact-for.js';
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
  /** Milliseconds since the epoch. */
  at: number;
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
 * Every page of an escalation that nobody answers, where each is sent at once: the steps of all rounds, and the page after the last one. A step that pages nobody is over
 * at once.
 */
export function plannedPages(escalation: Escalation, policy: Policy, { at, owner = [] }: Beginning): PlannedPage[] {
  const pages: PlannedPage[] = [];
  let now = at;
  for (let round = 1; round <= policy.repeat + 1; round += 1) {
    for (const [index, { page, by, waitMs }] of policy.steps.entries()) {
      const contacts = contactsOf(escalation, page, by, now, owner);
      for (const found of contacts) pages.push({ at: now, round, step: index + 1, by, ...found });
      if (contacts.length > 0) now += waitMs;
    }
  }
  return [...pages, ...lastPages(policy, pages, now)];
}

/** Each contact once, in order. */
function contactsOf(
  escalation: Escalation,
  page: readonly string[],
  by: Channel,
  now: number,
  owner: readonly string[],
): Pick<PlannedPage, 'contact' | 'meant'>[] {
  const found = new Map<string, Pick<PlannedPage, 'contact' | 'meant'>>();
  for (const entry of page) {
    const contact = isReference(entry) ? contactFor(escalation, entry, { by, at: now, owner }) : entry;
    if (contact === null || found.has(contact)) continue;
    found.set(contact, { contact, ...(isReference(entry) && { meant: entry }) });
  }
  return [...found.values()];
}

/** The fallback, or everybody by the text channel of their newest page. */
function lastPages({ fallback }: Policy, pages: readonly PlannedPage[], at: number): PlannedPage[] {
  const last = { at, round: null, step: null };
  if (fallback) {
    const [by] = fallback.channels;
    return by === undefined ? [] : [{ ...last, by, contact: fallback.contact }];
  }
  return [...new Set(pages.map(({ contact }) => contact))].flatMap((contact) => {
    const newest = pages.findLast((page) => page.contact === contact);
    return newest ? [{ ...last, by: channelTraits[newest.by].notices, contact }] : [];
  });
}
