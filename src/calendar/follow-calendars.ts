/** Keeps the turns of schedules and the holidays of promises from calendars up to date, in the background: no page waits for a calendar. */
import type { BaseLogger } from 'pino';
import { maskedAddress } from '../policy/calendar.js';
import type { EscalationSource, SourceAlarm } from '../policy/escalation-source.js';
import type { Escalation } from '../policy/route.js';
import type { Copy, FetchCalendar } from './fetch.js';
import {
  dutyCalendars,
  holidayCalendars,
  leftOut,
  rangeAt,
  unreadable,
  whatFor,
  type NamedCalendar,
} from './named-calendars.js';
import type { Expanded } from './occurrences.js';
import { problemOf } from './problem.js';
import { expandNamed, withCalendars } from './with-turns.js';

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
/** How often a calendar is tried that was never read: nobody is on call by it, and no day is a holiday. */
const withoutCopyMs = minute;

/** A calendar as it was read last. */
interface Followed {
  kind: NamedCalendar['kind'];
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

/** As `source`, with the turns and holidays of the last good copy of each calendar. Until a first one was read it has none. */
export function followCalendars(options: FollowOptions): FollowedCalendars {
  const { source, fetchCalendar, logger, everyMs = 15 * minute, lookMs = 5_000, clock = Date.now } = options;
  const all = new Map<string, Followed>();
  let version = 0;
  let made: { of: Escalation; version: number; escalation: Escalation } | null = null;
  let alarms: { of: readonly SourceAlarm[]; version: number; alarms: readonly SourceAlarm[] } | null = null;

  function followed({ kind, key }: NamedCalendar): Followed {
    const known = all.get(key);
    if (known) return known;
    const added = {
      kind,
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

  function read(calendar: NamedCalendar): Promise<void> {
    const one = followed(calendar);
    one.pending += 1;
    one.last = one.last
      .then(() => readNow(calendar, one))
      .catch((err: unknown) => logger.error({ ...whatFor(calendar), err }, 'a calendar could not be followed'))
      .finally(() => (one.pending -= 1));
    return one.last;
  }

  async function readNow(calendar: NamedCalendar, one: Followed): Promise<void> {
    const now = clock();
    one.triedAt = now;
    try {
      const copy = await fetchCalendar(calendar.address, one.copy);
      const expanded = await expandNamed(copy.text, calendar, rangeAt(calendar, now));
      if (one.failing || !one.copy)
        logger.info({ ...whatFor(calendar), events: expanded.occurrences.length }, 'a calendar was read');
      Object.assign(one, { copy, expanded, failing: null } satisfies Partial<Followed>);
      warn(calendar, one, expanded, now);
    } catch (error) {
      await keep(calendar, one, now);
      report(calendar, one, problemOf(error), now);
    }
    version += 1;
  }

  /** The good copy goes on: what it has for the time to come. */
  async function keep(calendar: NamedCalendar, one: Followed, now: number): Promise<void> {
    if (!one.copy || !one.expanded) return;
    const again = await expandNamed(one.copy.text, one.expanded, rangeAt(calendar, now)).catch(() => null);
    if (again) one.expanded = again;
  }

  function report(calendar: NamedCalendar, one: Followed, why: string, now: number): void {
    const isNew = one.failing?.why !== why;
    one.failing = { since: one.failing?.since ?? now, why };
    if (!isNew) return;
    const { alarm, message } = unreadable[calendar.kind];
    const about = { ...whatFor(calendar), address: maskedAddress(calendar.address), why, alarm };
    logger.error(about, one.copy ? 'a calendar cannot be read: its last good copy stays in force' : message);
  }

  function warn(calendar: NamedCalendar, one: Followed, expanded: Expanded, now: number): void {
    const sentences = leftOut(expanded, calendar, source.current(), now);
    const warned = sentences.join();
    if (warned !== one.warned)
      for (const why of sentences) logger.warn({ ...whatFor(calendar), why }, 'events of a calendar do not count');
    one.warned = warned;
  }

  /** @param isDue which to read; the others are left as they are */
  async function readAll(isDue: (one: Followed) => boolean): Promise<void> {
    const escalation = source.current();
    const calendars = [...dutyCalendars(escalation), ...holidayCalendars(escalation)];
    const used = new Set(calendars.map(followed));
    for (const [key, one] of all)
      if (!used.has(one)) {
        all.delete(key);
        version += 1;
      }
    await Promise.all(calendars.filter((calendar) => isDue(followed(calendar))).map(read));
  }

  function alarmsOf(kind: NamedCalendar['kind']): SourceAlarm[] {
    const failing = [...all.values()].flatMap((one) => (one.kind === kind ? (one.failing ?? []) : []));
    if (failing.length === 0) return [];
    const since = Math.min(...failing.map((each) => each.since));
    return [{ code: unreadable[kind].alarm, since, calendars: failing.length }];
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
          escalation: withCalendars(of, (calendar) => followed(calendar).expanded, clock()),
        };
      return made.escalation;
    },
    alarms() {
      const of = source.alarms();
      if (alarms?.of === of && alarms.version === version) return alarms.alarms;
      alarms = { of, version, alarms: [...of, ...alarmsOf('duty'), ...alarmsOf('holidays')] };
      return alarms.alarms;
    },
  };
}
