/** The changes that wait for an endpoint: what is kept, what goes next, and when. */
import { hour, minute, second } from '../contract.js';
import { changeId, type IncidentChange } from '../webhook-contract.js';
import type { Began, Endpoint, Waiting } from './state.js';

/** Before each try, from the failure of the one before: https://github.com/standard-webhooks/standard-webhooks, "Deliverability and reliability" */
const delaysMs = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;
/** A payload has 2 MB, and has to take them to the next run, with what is kept beside each and with the sources. */
const mostBytes = 1_700_000;
const besideBytes = 70;
const mostSources = 2_000;
/** As many changes as one activity takes, and one message can name. */
const batchSize = 50;

const idOf = ({ change }: Waiting): string => changeId(change);
const sizeBytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).byteLength;

/** Takes what is new. Changes of one source come in order, so that a copy has a number that was seen. */
export function addChanges(endpoint: Endpoint, changes: readonly IncidentChange[], now: number): void {
  for (const change of changes) {
    const { source, n } = change;
    if (n <= (endpoint.seen[source] ?? 0)) continue;
    delete endpoint.seen[source];
    endpoint.seen[source] = n;
    endpoint.waiting.push({ change, sizeBytes: sizeBytesOf(change) + besideBytes, tries: 0, nextAt: now });
  }
  const sources = Object.keys(endpoint.seen);
  for (const source of sources.slice(0, Math.max(0, sources.length - mostSources))) delete endpoint.seen[source];
  if (endpoint.goneAt === null) dropExcess(endpoint, now);
  else dropAll(endpoint, 'the endpoint is gone', now);
}

/** The oldest go first; those that are on their way stay. */
function dropExcess(endpoint: Endpoint, now: number): void {
  let sizeBytes = endpoint.waiting.reduce((sum, one) => sum + one.sizeBytes, 0);
  const inFlight = new Set(endpoint.inFlight?.ids);
  const kept = endpoint.waiting.filter((one) => {
    const goes = sizeBytes > mostBytes && !inFlight.has(idOf(one));
    if (goes) sizeBytes -= one.sizeBytes;
    return !goes;
  });
  drop(endpoint, endpoint.waiting.length - kept.length, 'too many wait', now);
  endpoint.waiting = kept;
}

export function dropAll(endpoint: Endpoint, why: string, now: number): void {
  drop(endpoint, endpoint.waiting.length, why, now);
  endpoint.waiting = [];
}

/** Nothing is given up without a line of the log, an alarm and the count. */
function drop(endpoint: Endpoint, count: number, why: string, now: number): void {
  if (count === 0) return;
  endpoint.dropped += count;
  endpoint.droppedAt = now;
  const about = { alarm: 'webhook-dropped', changes: count, why };
  endpoint.logLines.push({ level: 'error', message: 'An endpoint does not get changes of incidents', about });
}

/** What goes next: from the front, as much as one message can name. What was refused goes alone, when its time has come. */
export function dueChanges({ waiting }: Endpoint, now: number): IncidentChange[] {
  if (!waiting.some(({ nextAt }) => nextAt <= now)) return [];
  const refused = waiting.find((one) => one.refused && one.nextAt <= now);
  const others = waiting.filter((one) => !one.refused);
  // What waits for its next try goes with what is due: if the endpoint works again, it works for both.
  const isDue = others.some(({ nextAt }) => nextAt <= now);
  if (isDue) return others.slice(0, batchSize).map(({ change }) => change);
  return refused ? [refused.change] : [];
}

/** When something is due; null while nothing waits. */
export const dueAt = ({ waiting }: Endpoint): number | null =>
  waiting.length === 0 ? null : Math.min(...waiting.map(({ nextAt }) => nextAt));

/** They have arrived. */
export function remove(endpoint: Endpoint, ids: readonly string[]): void {
  const gone = new Set(ids);
  endpoint.waiting = endpoint.waiting.filter((one) => !gone.has(idOf(one)));
}

/** The endpoint works: what waited for its next try needs to wait no longer. */
export function releaseWaiting(endpoint: Endpoint, now: number): void {
  for (const one of endpoint.waiting) if (!one.refused) one.nextAt = Math.min(one.nextAt, now);
}

/** The endpoint did not take what was due: that counts as a try of everything that was. What was refused before is tried alone. */
export function failDue(endpoint: Endpoint, { ids, since }: Began, now: number): void {
  const tried = new Set(ids);
  failEach(endpoint, (one) => (one.refused ? tried.has(idOf(one)) : one.nextAt <= since), now);
}

export function refuse(endpoint: Endpoint, ids: readonly string[], now: number): void {
  const refused = new Set(ids);
  for (const one of endpoint.waiting) if (refused.has(idOf(one))) one.refused = true;
  failEach(endpoint, (one) => refused.has(idOf(one)), now);
}

function failEach(endpoint: Endpoint, isTried: (one: Waiting) => boolean, now: number): void {
  for (const one of endpoint.waiting.filter(isTried)) {
    one.tries += 1;
    one.nextAt = now + (delaysMs[one.tries] ?? 0);
  }
  const kept = endpoint.waiting.filter(({ tries }) => tries < delaysMs.length);
  drop(endpoint, endpoint.waiting.length - kept.length, 'every try failed, for three days', now);
  endpoint.waiting = kept;
}
