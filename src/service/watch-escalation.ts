/** Picks up changes of the escalation file while the service runs: all of a good file, or nothing of a bad one. */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { BaseLogger } from 'pino';
import type { EscalationSource, SourceAlarm } from '../policy/escalation-source.js';
import { checkedEscalation, type EscalationConfig } from '../policy/load.js';
import type { Escalation } from '../policy/route.js';
import { attempt } from './settings.js';

export interface WatchedEscalation extends EscalationSource {
  /** Reads the file now. Resolves when what it holds is in force, or is known to be bad. */
  check: () => Promise<void>;
  close: () => void;
}

export interface WatchOptions {
  config: EscalationConfig & { escalationFile: string };
  /** What the file held when the process began. */
  escalation: Escalation;
  logger: BaseLogger;
  pollMs?: number;
  settleMs?: number;
  clock?: () => number;
}

const defaultPollMs = 30_000;
/** An editor may be writing: a content counts when it is the same twice, this long apart. */
const defaultSettleMs = 250;
/** A file that is written all the time counts as it is. */
const maxReads = 8;

/**
 * Reads the file every `pollMs`, whole: the time of its last change says little where an editor replaces the file or Kubernetes swaps a
 * symbolic link. A bad file is logged once, keeps the good one in force, and is an alarm until the file is good again.
 */
export function watchEscalation(options: WatchOptions): WatchedEscalation {
  const { config, logger, pollMs = defaultPollMs, settleMs = defaultSettleMs, clock = Date.now } = options;
  const { escalationFile: file } = config;
  let { escalation } = options;
  let alarms: readonly SourceAlarm[] = [];
  /** Null before the first check: the file may have changed since the process read it. */
  let seen: Content | null = null;
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();

  async function checkOnce(): Promise<void> {
    const found = await settled(file, settleMs, (content) => isSame(content, seen));
    if (isSame(found, seen)) return;
    seen = found;
    const read = 'text' in found ? attempt(() => checkedEscalation(config, found.text)) : found;
    if ('problems' in read) reportBad(read.problems);
    else takeOver(read.value);
  }

  function reportBad(problems: readonly string[]): void {
    const [{ since } = { since: clock() }] = alarms;
    alarms = [{ code: 'escalation-file', since, problems: problems.length }];
    logger.error(
      { alarm: 'escalation-file', problems },
      'the escalation file is bad: the last good one stays in force',
    );
  }

  function takeOver(next: Escalation): void {
    if (alarms.length > 0) logger.info({ alarm: 'escalation-file' }, 'the escalation file is good again');
    alarms = [];
    if (isDeepStrictEqual(next, escalation)) return;
    const changed = changedParts(escalation, next);
    escalation = next;
    logger.info({ changed, ...countsOf(next) }, 'the escalation file has changed and is in force');
    for (const warning of next.warnings ?? []) logger.warn(warning);
  }

  /** One after the other, so that what was read first does not count last. */
  function check(): Promise<void> {
    waiting += 1;
    last = last
      .then(checkOnce)
      .catch((err: unknown) => logger.error({ err }, 'the escalation file could not be checked'))
      .finally(() => (waiting -= 1));
    return last;
  }

  // A file system that does not answer must not collect checks.
  const timer = setInterval(() => waiting === 0 && void check(), pollMs);
  timer.unref();
  return { current: () => escalation, alarms: () => alarms, check, close: () => clearInterval(timer) };
}

type Content = { text: string } | { problems: [string] };

const isSame = (one: Content, other: Content | null): boolean => isDeepStrictEqual(one, other);

/** What the file holds when nobody is writing it. */
async function settled(file: string, settleMs: number, isKnown: (content: Content) => boolean): Promise<Content> {
  let content = await contentOf(file);
  for (let reads = 1; reads < maxReads && !isKnown(content); reads += 1) {
    await sleep(settleMs);
    const again = await contentOf(file);
    if (isSame(again, content)) return again;
    content = again;
  }
  return content;
}

async function contentOf(file: string): Promise<Content> {
  try {
    return { text: await readFile(file, 'utf8') };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return { problems: [`ESCALATION_FILE: ${file} cannot be read (${why}).`] };
  }
}

/** The names of the parts that differ. */
function changedParts(one: Escalation, other: Escalation): string[] {
  const before = new Map<string, unknown>(Object.entries(one));
  const after = new Map<string, unknown>(Object.entries(other));
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all].filter((part) => !isDeepStrictEqual(before.get(part), after.get(part)));
}

const countsOf = ({ contacts, policies, routes, schedules = {} }: Escalation): Record<string, number> => ({
  contacts: Object.keys(contacts).length,
  policies: Object.keys(policies).length,
  routes: routes.length,
  schedules: Object.keys(schedules).length,
});
