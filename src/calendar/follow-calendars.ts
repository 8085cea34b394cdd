/** Keeps the turns of schedules from calendars up to date, in the background: no page waits for a calendar. */
import type { BaseLogger } from 'pino';
import { maskedAddress, type Calendar } from '../policy/calendar.js';
import type { EscalationSource, SourceAlarm } from '../policy/escalation-source.js';
import type { Escalation } from '../policy/route.js';
import { expandCalendar } from './expand.js';
import type { Copy, FetchCalendar } from './fetch.js';
import type { Expanded } from './occurrences.js';
import { problemOf } from './problem.js';
import { leftOut, withTurns } from './with-turns.js';

export interface FollowedCalendars extends EscalationSource {
  /** Reads all calendars now. Resolves when that is done, also for what cannot be read. */
  refresh: () => Promise<void>;
  close: () => void;
}

export interface FollowOptions {
  /** Of the file: names the calendars. */
  source: EscalationSource;
  fetchCalendar: FetchCalendar;
  logger: BaseLogger;
  /** How often a calendar is read, and how often a new one is looked for. */
  everyMs?: number;
  lookMs?: number;
  clock?: () => number;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** How often a calendar is tried that was never read: nobody is on call by it. */
const withoutCopyMs = minute;
/** The time that is read, from now. */
const window = { before: day, after: 60 * day } as const;

/** A calendar as it was read last. */
interface Followed {
  copy: Copy | null;
  expanded: Expanded | null;
  triedAt: number;
  /** One reading after the other, and how many are not over. */
  last: Promise<void>;
  pending: number;
  /** Null while it can be read. */
  failing: { since: number; why: string } | null;
  /** What of it is left out, as the log has it. */
  warned: string;
}

/** As `source`, with the turns of the last good copy of each calendar. Until a first one was read nobody is on call by it. */
export function followCalendars(options: FollowOptions): FollowedCalendars {
  const { source, fetchCalendar, logger, everyMs = 15 * minute, lookMs = 5_000, clock = Date.now } = options;
  const all = new Map<string, Followed>();
  let version = 0;
  let made: { of: Escalation; version: number; escalation: Escalation } | null = null;
  let alarms: { of: readonly SourceAlarm[]; version: number; alarms: readonly SourceAlarm[] } | null = null;

  function followed(schedule: string, { address, timezone }: Calendar): Followed {
    const key = JSON.stringify([schedule, address, timezone]);
    const known = all.get(key);
    if (known) return known;
    const added = {
      copy: null,
      expanded: null,
      triedAt: -Infinity,
      last: Promise.resolve(),
      pending: 0,
      failing: null,
      warned: '',
    };
    all.set(key, added);
    return added;
  }

  function read(schedule: string, calendar: Calendar): Promise<void> {
    const one = followed(schedule, calendar);
    one.pending += 1;
    one.last = one.last
      .then(() => readNow(schedule, calendar, one))
      .catch((err: unknown) => logger.error({ schedule, err }, 'a calendar could not be followed'))
      .finally(() => (one.pending -= 1));
    return one.last;
  }

  async function readNow(schedule: string, calendar: Calendar, one: Followed): Promise<void> {
    const now = clock();
    one.triedAt = now;
    try {
      const copy = await fetchCalendar(calendar.address, one.copy);
      const { timezone } = calendar;
      const range = { from: now - window.before, to: now + window.after };
      const expanded = await expandCalendar(copy.text, { ...(timezone !== undefined && { timezone }), ...range });
      if (one.failing || !one.copy)
        logger.info({ schedule, events: expanded.occurrences.length }, 'a calendar was read');
      Object.assign(one, { copy, expanded, failing: null } satisfies Partial<Followed>);
      warn(schedule, calendar, one, expanded);
    } catch (error) {
      await keep(one, now);
      report(schedule, calendar, one, problemOf(error), now);
    }
    version += 1;
  }

  /** The good copy goes on: what it has for the next 60 days. */
  async function keep(one: Followed, now: number): Promise<void> {
    if (!one.copy || !one.expanded) return;
    const { timezone } = one.expanded;
    const range = { timezone, from: now - window.before, to: now + window.after };
    const again = await expandCalendar(one.copy.text, range).catch(() => null);
    if (again) one.expanded = again;
  }

  function report(schedule: string, { address }: Calendar, one: Followed, why: string, now: number): void {
    const isNew = one.failing?.why !== why;
    one.failing = { since: one.failing?.since ?? now, why };
    if (!isNew) return;
    const about = { schedule, address: maskedAddress(address), why, alarm: 'calendar-unreadable' };
    if (one.copy) logger.error(about, 'a calendar cannot be read: its last good copy stays in force');
    else logger.error(about, 'a calendar cannot be read: nobody is on call by its schedule');
  }

  function warn(schedule: string, calendar: Calendar, one: Followed, expanded: Expanded): void {
    const sentences = leftOut(expanded, calendar, source.current());
    const warned = sentences.join();
    if (warned !== one.warned)
      for (const why of sentences) logger.warn({ schedule, why }, 'events of a calendar do not count');
    one.warned = warned;
  }

  /** @param isDue which to read; the others are left as they are */
  async function readAll(isDue: (one: Followed) => boolean): Promise<void> {
    const entries = Object.entries(source.current().calendars ?? {});
    const used = new Set(entries.map(([schedule, calendar]) => followed(schedule, calendar)));
    for (const [key, one] of all)
      if (!used.has(one)) {
        all.delete(key);
        version += 1;
      }
    await Promise.all(
      entries
        .filter(([schedule, calendar]) => isDue(followed(schedule, calendar)))
        .map(([schedule, calendar]) => read(schedule, calendar)),
    );
  }

  const isOld = ({ copy, triedAt, pending }: Followed): boolean =>
    pending === 0 && clock() - triedAt >= (copy ? everyMs : Math.min(everyMs, withoutCopyMs));
  const timer = setInterval(() => void readAll(isOld), lookMs);
  timer.unref();
  void readAll(isOld);

  return {
    refresh: () => readAll(() => true),
    close: () => clearInterval(timer),
    current() {
      const of = source.current();
      if (made?.of !== of || made.version !== version)
        made = {
          of,
          version,
          escalation: withTurns(of, (schedule, calendar) => followed(schedule, calendar).expanded),
        };
      return made.escalation;
    },
    alarms() {
      const of = source.alarms();
      if (alarms?.of === of && alarms.version === version) return alarms.alarms;
      const failing = [...all.values()].flatMap((one) => one.failing ?? []);
      const since = Math.min(...failing.map((each) => each.since));
      const own: SourceAlarm[] =
        failing.length > 0 ? [{ code: 'calendar-unreadable', since, calendars: failing.length }] : [];
      alarms = { of, version, alarms: [...of, ...own] };
      return alarms.alarms;
    },
  };
}
