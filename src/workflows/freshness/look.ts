/** What a look at Tableau changes: late items that are new go to their incidents, and so does the end of those that have new data. */
import { minute, type Item, type TableauEvent } from '../contract.js';
import {
  refreshMissing,
  refreshNotPromised,
  type FreshnessCheck,
  type Found,
  type Late,
} from '../freshness-contract.js';
import { applyAlarms } from './alarms.js';
import { applyWatch } from './flows.js';
import { applyShown } from './shown.js';
import { queue, type Freshness, type Reported } from './state.js';

/** Whatever a look says, the next one is not at once. */
const leastPauseMs = 15_000;
const retryMs = minute;

export const promisesChanged = 'The promises have changed';

/** The look has ended; `check` is null where it could not be run. */
export function applyCheck(freshness: Freshness, check: FreshnessCheck | null, now: number): void {
  const { check: looks } = freshness;
  looks.id = null;
  if (check) {
    freshness.promises = check.promises;
    freshness.memory = check.memory;
    freshness.operators = check.operators;
    applyWatch(freshness, check.flows?.everyMs ?? null, now);
  }
  if (check?.found) {
    looks.answeredAt = now;
    looks.failingSince = null;
    applyFound(freshness, check.found, now);
    applyShown(freshness, check, now);
  } else {
    looks.failingSince ??= now;
  }
  freshness.lookAlarms = check?.alarms ?? [];
  applyAlarms(freshness, now);
  const next = check?.next ?? { at: now + retryMs, what: 'Ask Tableau again' };
  looks.nextAt = Math.max(next.at, now + leastPauseMs);
  looks.what = next.what;
  applyAnnounced(freshness, now);
}

/** Once for each signal: the escalation files of two workers may differ. */
function applyAnnounced({ check: looks, promises }: Freshness, now: number): void {
  const { announced } = looks;
  looks.announced = null;
  if (announced === null || announced === promises) return;
  looks.nextAt = Math.min(looks.nextAt, now + leastPauseMs);
  looks.what = promisesChanged;
}

function applyFound(freshness: Freshness, found: Found, now: number): void {
  freshness.promised = found.promised;
  freshness.policies = { ...freshness.policies, ...found.policies };
  freshness.settings = found.settings;
  freshness.searchAttributes = found.searchAttributes;
  for (const { luid, at } of found.fresh) applyFresh(freshness, luid, at, now);
  for (const luid of found.withdrawn ?? []) applyWithdrawn(freshness, luid, now);
  for (const late of found.late) applyLate(freshness, late, now);
  freshness.reported = freshness.reported.flatMap((one) => stillReported(one, found, now));
}

/** What a look does not name is kept for its end, until its incident is forgotten: it may be late because of another item now. */
function stillReported(one: Reported, { late, withdrawn, isComplete, settings }: Found, now: number): Reported[] {
  const { luid } = one.item;
  if (late.some(({ item }) => item.luid === luid)) return [one];
  // A worker of an earlier version does not say what is withdrawn, and its commands are in histories.
  if (withdrawn === undefined) return isComplete ? [] : [one];
  if (withdrawn.includes(luid)) return [];
  if (!isComplete) return [one];
  // It has no end to come.
  if (!one.isPaged) return [];
  const { unnamedSince = now } = one;
  return now - unnamedSince < settings.forgetMs ? [{ ...one, unnamedSince }] : [];
}

function applyLate(freshness: Freshness, late: Late, now: number): void {
  const { item, incident, deadline, state, policy, why, summary } = late;
  const known = freshness.reported.find((one) => one.item.luid === item.luid);
  const isPaged = policy !== undefined;
  const isNew = known === undefined || known.deadline < deadline || (isPaged && !known.isPaged);
  // What was paged once gets its end, too, when nobody is paged for it any more.
  const reported: Reported = {
    item,
    incident,
    deadline,
    state,
    isPaged: isPaged || known?.isPaged === true,
    ...((late.hasFailed || known?.hasFailed) && { hasFailed: true }),
  };
  freshness.reported = [...freshness.reported.filter((one) => one !== known), reported];
  if (!isNew) return;
  const about = { incident, state, deadline: new Date(deadline).toISOString() };
  const message = isPaged ? 'An item has no new data' : 'An item has no new data, for which nobody is paged';
  freshness.logLines.push({ level: isPaged ? 'warn' : 'info', message, about });
  if (!isPaged) return;
  const event: TableauEvent = { type: refreshMissing, item, createdAt: deadline, receivedAt: now, why };
  const told = { ...(late.labels && { labels: late.labels }), ...(late.changes && { changes: late.changes }) };
  queue(freshness, { incident, what: 'failure', event, policy, summary, ...told });
}

/** Whether its incident was told that it is late or not: an end that finds none changes nothing. */
function applyFresh(freshness: Freshness, luid: string, at: number, now: number): void {
  const known = freshness.reported.find(({ item }) => item.luid === luid);
  if (!known) return;
  freshness.reported = freshness.reported.filter((one) => one !== known);
  const { item, incident, deadline, isPaged } = known;
  freshness.logLines.push({ level: 'info', message: 'An item has new data again', about: { incident } });
  if (!isPaged) return;
  // Tableau's index can be late: data of before the deadline ends what was reported for the deadline.
  const createdAt = Math.max(at, deadline + 1);
  queue(freshness, { incident, what: 'end', event: { type: successOf(item), item, createdAt, receivedAt: now } });
}

/** It has no new data, and none is due by a promise that pages somebody: its incident ends unless a refresh has failed. */
function applyWithdrawn(freshness: Freshness, luid: string, now: number): void {
  const known = freshness.reported.find(({ item }) => item.luid === luid);
  if (!known?.isPaged || known.hasFailed) return;
  freshness.reported = freshness.reported.map((one) => (one === known ? { ...one, isPaged: false } : one));
  const { item, incident, deadline } = known;
  const message = 'An item without new data is not late any more, since what is promised has changed';
  freshness.logLines.push({ level: 'info', message, about: { incident } });
  const event: TableauEvent = { type: refreshNotPromised, item, createdAt: deadline, receivedAt: now };
  queue(freshness, { incident, what: 'end', event });
}

const successOf = ({ kind }: Item): string =>
  kind === 'datasource' ? 'DatasourceRefreshSucceeded' : 'WorkbookRefreshSucceeded';
