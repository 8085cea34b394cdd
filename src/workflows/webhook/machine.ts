/**
 * The endpoint of an outgoing webhook as a state machine: changes of incidents wait in order, go to the endpoint by one activity at a time, and are
 * tried again by the schedule of Standard Webhooks. No incident waits for it.
 */
import { minute, second } from '../contract.js';
import type { DriverInput, Effect, Env, Machine, Wake } from '../machine.js';
import {
  changeId,
  type ChangesSignal,
  type PostActivities,
  type PostResult,
  type WebhookAlarmCode,
  type WebhookMemo,
} from '../webhook-contract.js';
import { addChanges, dropAll, dueAt, dueChanges, failDue, refuse, releaseWaiting, remove } from './queue.js';
import type { Began, Endpoint } from './state.js';

export interface Call {
  activity: 'postChanges';
  input: Parameters<PostActivities['postChanges']>[0];
}
export interface Result {
  activity: 'postChanges';
  result: PostResult;
}
export type WebhookEffect = Effect<Call>;
export type Input =
  | { type: 'changes'; signal: ChangesSignal }
  /** How to post to the endpoint may have changed; null: the file has it no more. */
  | { type: 'settings'; version: string | null }
  | DriverInput<Result>;

/** While posts fail new changes come, each of which would be a reason for the next one. */
const pausesMs = { first: 5 * second, later: 30 * second } as const;
/** `Retry-After` may say anything. */
const longestPauseMs = 60 * minute;
/** After so many failures in a row it is an alarm. */
const alarmingFailures = 3;

function handle(endpoint: Endpoint, input: Input, { now }: Env): void {
  switch (input.type) {
    case 'changes':
      applySettings(endpoint, input.signal.version, now);
      addChanges(endpoint, input.signal.changes, now);
      break;
    case 'settings':
      if (input.version === null) endpoint.isRemoved = true;
      else applySettings(endpoint, input.version, now);
      break;
    case 'completed': {
      const began = take(endpoint, input.id);
      if (began) applyPosted(endpoint, began, input.result.result, now);
      break;
    }
    case 'failed': {
      const began = take(endpoint, input.id);
      // No worker gave a result: some may have arrived, and come once more with the same id.
      if (began && isByPresentSettings(endpoint, began))
        applyUnavailable(endpoint, began, { why: input.failure.message.slice(0, 200) }, now);
      break;
    }
    case 'cancelled':
      take(endpoint, input.id);
      break;
    case 'signalled':
      // It signals nobody.
      break;
    case 'cancel-requested':
      endpoint.cancelling = true;
      break;
  }
}

/** With another address, form, key or secret everything is tried at once. */
function applySettings(endpoint: Endpoint, version: string, now: number): void {
  endpoint.isRemoved = false;
  if (endpoint.settings === version) return;
  const isFirst = endpoint.settings === '';
  endpoint.settings = version;
  if (isFirst) return;
  endpoint.goneAt = null;
  endpoint.failures = 0;
  endpoint.failingSince = null;
  endpoint.notBefore = now;
  for (const one of endpoint.waiting) {
    one.nextAt = now;
    delete one.refused;
  }
}

/** What failed by an address or a secret of before says nothing of the endpoint now. */
const isByPresentSettings = ({ settings }: Endpoint, began: Began): boolean => began.settings === settings;

/** The activity that ends, if it is the one that runs. */
function take(endpoint: Endpoint, id: string): Began | null {
  const { inFlight } = endpoint;
  if (inFlight?.id !== id) return null;
  endpoint.inFlight = null;
  return inFlight;
}

function applyPosted(endpoint: Endpoint, began: Began, { posted, failed, pauseMs }: PostResult, now: number): void {
  remove(endpoint, posted);
  endpoint.notBefore = now + pauseMs;
  if (posted.length > 0) applySuccess(endpoint, now);
  if (!isByPresentSettings(endpoint, began)) return;
  switch (failed?.how) {
    case undefined:
      break;
    case 'refused':
      refuse(endpoint, failed.ids, now);
      noteFailure(endpoint, failed.why, now);
      break;
    case 'unavailable':
      applyUnavailable(endpoint, began, failed, now);
      break;
    case 'gone':
      endpoint.goneAt = now;
      endpoint.logLines.push({
        level: 'error',
        message: 'An endpoint says that it is gone: nothing is posted to it until its address changes',
        about: { alarm: 'webhook-gone' },
      });
      dropAll(endpoint, 'the endpoint is gone', now);
      break;
    case 'removed':
      endpoint.isRemoved = true;
  }
}

function applySuccess(endpoint: Endpoint, now: number): void {
  if (endpoint.failures > 0) endpoint.logLines.push({ level: 'info', message: 'An endpoint works again', about: {} });
  endpoint.failures = 0;
  endpoint.failingSince = null;
  endpoint.lastPostedAt = now;
  releaseWaiting(endpoint, now);
}

function applyUnavailable(
  endpoint: Endpoint,
  began: Began,
  { why, afterMs = 0 }: { why: string; afterMs?: number },
  now: number,
): void {
  failDue(endpoint, began, now);
  noteFailure(endpoint, why, now);
  const leastMs = endpoint.failures === 1 ? pausesMs.first : pausesMs.later;
  endpoint.notBefore = now + Math.max(leastMs, Math.min(afterMs, longestPauseMs));
}

function noteFailure(endpoint: Endpoint, why: string, now: number): void {
  endpoint.failures += 1;
  endpoint.failingSince ??= now;
  const { failures, waiting } = endpoint;
  const about = { why, failures, waiting: waiting.length };
  if (failures === alarmingFailures)
    endpoint.logLines.push({
      level: 'error',
      message: 'An endpoint does not take changes of incidents; they are tried again',
      about: { ...about, alarm: 'webhook-failing' },
    });
  else endpoint.logLines.push({ level: 'warn', message: 'A change of an incident could not be posted', about });
}

function advance(endpoint: Endpoint, { now, draining }: Env): WebhookEffect[] {
  const effects: WebhookEffect[] = [];
  const isOver = endpoint.cancelling || endpoint.isRemoved;
  if (!draining && !isOver) effects.push(...beginPost(endpoint, now));
  effects.push(...publish(endpoint));
  if (isOver && endpoint.inFlight === null) {
    end(endpoint, now);
    effects.push({ type: 'end', cancelled: endpoint.cancelling });
  }
  effects.unshift(...endpoint.logLines.splice(0).map((line): WebhookEffect => ({ type: 'log', line })));
  return effects;
}

/** What waits is lost. */
function end(endpoint: Endpoint, now: number): void {
  const why = endpoint.cancelling ? 'its workflow was cancelled' : 'the escalation file has it no more';
  dropAll(endpoint, why, now);
  endpoint.logLines.push({ level: 'warn', message: 'The workflow of an endpoint ends', about: { why } });
}

function beginPost(endpoint: Endpoint, now: number): WebhookEffect[] {
  if (endpoint.inFlight !== null || endpoint.goneAt !== null || now < endpoint.notBefore) return [];
  const changes = dueChanges(endpoint, now);
  if (changes.length === 0) return [];
  endpoint.lastId += 1;
  const id = `post-${endpoint.lastId}`;
  endpoint.inFlight = { id, ids: changes.map(changeId), since: now, settings: endpoint.settings };
  const input = { endpoint: endpoint.endpoint, changes };
  const summary = changes.length === 1 ? 'Post 1 change' : `Post ${changes.length} changes`;
  return [{ type: 'activity', id, summary, call: { activity: 'postChanges', input } }];
}

/** The memo: codes and counts, for everybody who can read Temporal. */
function publish(endpoint: Endpoint): WebhookEffect[] {
  const alarms = alarmsOf(endpoint);
  // How many were dropped is news where that is an alarm.
  const memo: WebhookMemo = { alarms, dropped: endpoint.dropped };
  const published = JSON.stringify(memo);
  if (published === endpoint.published || (endpoint.published === '' && alarms.length === 0)) return [];
  endpoint.published = published;
  return [{ type: 'memo', memo: { webhook: memo } }];
}

function alarmsOf({ failures, failingSince, goneAt, droppedAt }: Endpoint): WebhookMemo['alarms'] {
  const found: [WebhookAlarmCode, number | null][] = [
    ['webhook-failing', failures >= alarmingFailures ? failingSince : null],
    ['webhook-gone', goneAt],
    ['webhook-dropped', droppedAt],
  ];
  return found.flatMap(([code, at]) => (at === null ? [] : [{ code, since: new Date(at).toISOString() }]));
}

/** A run that drains begins nothing, so that it waits for the result alone. */
function wakeAt(endpoint: Endpoint, { draining }: Env): Wake | null {
  const due = dueAt(endpoint);
  if (draining || endpoint.inFlight !== null || endpoint.goneAt !== null || due === null) return null;
  return {
    at: Math.max(due, endpoint.notBefore),
    why: endpoint.failures > 0 ? 'Wait before changes are posted again' : 'Wait before the next post',
  };
}

const view = ({ waiting, failures, goneAt, dropped }: Endpoint) => ({
  waiting: waiting.length,
  failures,
  isGone: goneAt !== null,
  dropped,
});

export const webhookMachine: Machine<Endpoint, Input, WebhookEffect, typeof view> = {
  handle,
  advance,
  wakeAt,
  view,
  hasInFlight: ({ inFlight }) => inFlight !== null,
};
