/** Every part of `npm run bench` runs and measures; the values themselves mean nothing here. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accept } from './accept.js';
import { isMet, ratioOf, spreadOf, type PartResult } from './figures.js';
import { count, type Event } from './history.js';
import { escalation } from './escalation.js';
import { latency } from './latency.js';
import { open } from './open.js';
import { markdownOf } from './report.js';
import { openSite, type Site } from './site.js';
import { storm } from './storm.js';

let site: Site;
before(async () => {
  site = await openSite({ window: '1s', stepWait: '1s', rounds: 1 });
});
after(() => site?.close());

const valueOf = ({ rows }: PartResult, measure: RegExp): number => {
  const row = rows.find((each) => measure.test(each.measure));
  assert.ok(row, `no ${measure} in\n${markdownOf(rows)}`);
  assert.ok(row.value !== null && Number.isFinite(row.value) && row.value >= 0, markdownOf(rows));
  return row.value;
};

test('one failure is timed from the webhook to Twilio, and from the reply to its effect, beside the floor', async () => {
  const result = await latency(site, { pairs: 1, warmUp: 0 });
  assert.ok(valueOf(result, /first request at Twilio, idle, p50/) > 0);
  assert.ok(valueOf(result, /reply → acknowledged, as a query sees it, p99/) > 0);
  assert.ok(result.rows.every((row) => ratioOf(row) !== null));
});

test('the whole escalation is counted in actions, bytes and requests', async () => {
  const result = await escalation(site);
  assert.equal(valueOf(result, /call → key: requests to Twilio/), 3);
  assert.equal(valueOf(result, /WhatsApp → ACK: requests to Twilio/), 2);
  const [whole, short] = [/call → key: Temporal actions until ack/, /ACK: Temporal actions until ack/].map((row) =>
    valueOf(result, row),
  );
  assert.ok(whole && short && whole > short, `${whole} and ${short}`);
  assert.ok(valueOf(result, /call → key: history of the incident/) > 1_000);
  assert.ok(valueOf(result, /call → key: history of the pager/) > 1_000);
});

test('a storm is followed until it is acknowledged, and nothing is lost', async () => {
  const result = await storm(site, { count: 8 });
  assert.equal(valueOf(result, /: lost/), 0);
  assert.ok(valueOf(result, /first message/) <= valueOf(result, /all notified/));
  assert.ok(valueOf(result, /messages$/) >= 1);
});

test('open incidents are measured while nothing happens, and while timers fire', async () => {
  const result = await open(site, { incidents: 4, idleSeconds: 1, stepWaitMs: 1_000, rounds: 1 });
  assert.equal(valueOf(result, /accepted/), 4);
  assert.ok(valueOf(result, /after it was due, p50/) > 0);
  // Catches a wrong unit or epoch, on a busy machine too.
  assert.ok(valueOf(result, /fires late by, at most/) < 60_000);
});

test('all webhooks on 50 connections are accepted without a worker', async () => {
  const result = await accept(site, { rounds: 1, count: 60 });
  assert.equal(valueOf(result, /not answered 200/), 0);
  assert.ok(valueOf(result, /webhooks accepted/) > 0);
});

test('percentiles are computed by nearest rank', () => {
  const { p50, p95, p99, max } = spreadOf(Array.from({ length: 100 }, (_, n) => 100 - n));
  assert.deepEqual([p50, p95, p99, max], [50, 95, 99, 100]);
});

test('an aim is compared with the ratio to the floor, or with the value', () => {
  const row = { measure: 'a', value: 5, unit: 'ms', floor: 2 };
  assert.equal(isMet({ ...row, aim: { what: 'ratio', most: 2.5 } }), true);
  assert.equal(isMet({ ...row, aim: { what: 'ratio', least: 2.6 } }), false);
  assert.equal(isMet({ ...row, aim: { what: 'value', most: 4 } }), false);
  assert.equal(isMet(row), null);
});

test('a signalWithStart is one action, whether it starts or not, and so is an update, and all markers of one workflow task', () => {
  const signal: Event = { workflowExecutionSignaledEventAttributes: { signalName: 'event' } };
  const begun: Event[] = [
    { workflowExecutionStartedEventAttributes: {} },
    signal,
    { timerStartedEventAttributes: {} },
    { markerRecordedEventAttributes: {} },
    { markerRecordedEventAttributes: {} },
    { activityTaskScheduledEventAttributes: {} },
    { activityTaskStartedEventAttributes: { attempt: 3 } },
    { workflowPropertiesModifiedEventAttributes: {} },
    signal,
    { workflowExecutionUpdateAcceptedEventAttributes: {} },
    { workflowExecutionUpdateCompletedEventAttributes: {} },
  ];
  const counted = count([begun]);
  // The signal that started, a timer, the markers, an activity with two retries, the other signal, the update.
  assert.equal(counted.actions, 1 + 1 + 1 + 3 + 1 + 1);
  assert.equal(counted.withStarts, counted.actions + 1);
});
