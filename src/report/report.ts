/** The report: what happened in a period, compared with the one before it, and in the last night. Pure. */
import type { Episodes, Messages } from '../history/archive.js';
import type { Escalation } from '../policy/route.js';
import { publicName } from '../workflows/contract.js';
import { byClock, groupings, groupsOf } from './groups.js';
import { hasKept, isComplete, isWhole, notesOf } from './notes.js';
import { peopleOf } from './people.js';
import { earliestOf, type Period, type Periods } from './periods.js';
import type { ReportView, Totals, TotalsOfSpan } from './schema.js';
import { counted, countedMessages, isIgnored, totalsOf, within, type Counted, type Recorded } from './totals.js';

export interface Happened {
  escalation: Escalation;
  /** What is known since `earliestOf` the periods. */
  incidents: Episodes;
  pagers: Messages;
  /** For how long Temporal keeps what has ended; null: not known. */
  keptMs: number | null;
}

/** @param zone a time zone: days, hours and the night are by its clock */
export function reportOf(happened: Happened, periods: Periods, zone: string): ReportView {
  const { escalation, incidents, pagers, keptMs } = happened;
  const { period, lastNight } = periods;
  const everything = { from: earliestOf(periods), to: period.to };
  const { prices } = escalation;
  const all: Recorded = {
    prices,
    episodes: counted(incidents.episodes),
    messages: countedMessages(escalation, pagers.messages, everything),
  };
  const isAllRead = isWhole(incidents) && isWhole(pagers);
  /** Null where it is not known. */
  const knownIn = (span: Period): Recorded | null => {
    const found = within(all, span);
    return hasKept(keptMs, period.to - span.from) && (isAllRead || showsFailures(totalsOf(found))) ? found : null;
  };
  const sinceMs = period.to - period.from;
  const now = within(all, period);
  // What is left out ended first.
  const before = incidents.isCut || pagers.isCut ? null : knownIn(periods.before);
  const night = knownIn(lastNight);
  const keptFrom = keptMs === null ? null : period.to - keptMs;
  const totals = totalsOf(now);
  const isKnown = isAllRead || showsFailures(totals);
  return {
    zone,
    period: { ...spanOf(period), ...totals },
    before: before && { ...spanOf(periods.before), ...totalsOf(before) },
    lastNight: night && { ...spanOf(lastNight), ...totalsOf(night) },
    ...(isKnown ? byClock(now, period, zone, wholeFrom(incidents, keptFrom, period.to)) : { days: [], hours: [] }),
    projects: groupsOf(groupings.projects, now, before),
    owners: groupsOf(groupings.owners, now, before),
    causes: groupsOf(groupings.causes, now, before),
    policies: groupsOf(groupings.policies, now, before),
    people: peopleOf(now, before),
    again: againOf(now.episodes),
    currency: prices?.currency ?? null,
    keptFrom: keptFrom === null ? null : new Date(keptFrom).toISOString(),
    isComplete: isComplete(incidents) && isComplete(pagers),
    isWhole: isAllRead,
    incidents: { read: incidents.read, of: incidents.of },
    pagers: { read: pagers.read, of: pagers.of },
    notes: notesOf(happened, sinceMs, prices),
  };
}

/** Confirmations and notices do not. */
const showsFailures = ({ episodes, ignored, wakings }: Totals): boolean => episodes + ignored + wakings > 0;

/** The totals of the period; null where no failure was found in it, though not all was read. */
export const knownPeriod = ({ period, isWhole: isAllRead }: ReportView): TotalsOfSpan | null =>
  isAllRead || showsFailures(period) ? period : null;

const spanOf = ({ from, to }: Period) => ({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });

/** What ended before is not there, or not all of it: Temporal does not keep it, or there is more than is read. Null: not known. */
function wholeFrom({ episodes, isCut }: Episodes, keptFrom: number | null, now: number): number | null {
  if (!isCut) return keptFrom;
  // An incident is read with all of its episodes, where its last one ended late enough.
  const lastEnds = new Map(
    episodes.toSorted((a, b) => a.at - b.at).map(({ incident, end }) => [incident, end?.at ?? now]),
  );
  return Math.max(keptFrom ?? 0, Math.min(now, ...lastEnds.values()));
}

/** Items that failed again within 24 h of their end, the most frequent first. */
function againOf(episodes: readonly Counted[]): ReportView['again'] {
  const items = new Map<string, ReportView['again'][number]>();
  for (const one of episodes) {
    if (one.againAt === null || isIgnored(one)) continue;
    const { incident, item } = one.episode;
    const times = (items.get(incident)?.times ?? 0) + 1;
    items.set(incident, { incident, item: publicName(item), times, lastAt: new Date(one.againAt).toISOString() });
  }
  return [...items.values()].toSorted((a, b) => b.times - a.times || (a.lastAt < b.lastAt ? 1 : -1));
}
