/** The verdict finds each kind of broken promise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lanesOf } from './lanes.js';
import { createLedger, nameOf, type Case, type Ledger } from './ledger.js';
import type { Plan } from './plans.js';
import type { InjectedFault } from './process-faults.js';
import { judge } from './verdict.js';

const [lane] = lanesOf(1, 6_000);
const start = Date.parse('2026-03-01T03:00:00Z');
const sid = (n: number): string => `SM${n}`;

/** An incident that was paged by WhatsApp at 0 s and ended as given. */
function paged(ledger: Ledger, n: number, how: Plan['how'], ended: Partial<Case> = {}): Case {
  assert.ok(lane);
  const name = nameOf(n);
  const subject = ledger.open({ name, id: name, luid: name, lane, plan: { how, channel: 'whatsapp', afterMs: 0 } });
  const timeline = [{ at: '', type: 'sent', text: `WhatsApp to ${lane.key}` }];
  Object.assign(
    subject,
    { acceptedAt: start - 200, timeline, state: 'acknowledged', allowed: ['acknowledged'] },
    ended,
  );
  arrives(ledger, n, n, 0);
  return subject;
}

/** A page reaches the phone, by default with an attempt id of its own. */
function arrives(ledger: Ledger, n: number, message: number, after: number, attempt = `attempt-${message}`): void {
  const body = `[${n}] Item refresh failed: "${nameOf(n)}"\nReply ACK.`;
  const at = start + after;
  const [channel, direction, status] = ['whatsapp', 'outbound-api', 'sent'] as const;
  const sent = {
    sid: sid(message),
    channel,
    direction,
    status,
    from: '',
    to: '',
    body,
    at,
    errorCode: null,
    buttons: [],
  };
  ledger.message(sent, lane?.number ?? '');
  ledger.receipt(sid(message), attempt);
  ledger.posts.set(sid(message), { at, method: 'POST', path: '', target: 'twilio.messages.whatsapp', status: 201 });
}

const frontFrozen = (at: number, until: number): InjectedFault => ({
  at,
  until,
  target: 'front',
  programs: 1,
  kind: 'freeze',
  stage: null,
  wanted: 'sending',
});

const found = (ledger: Ledger, faults: InjectedFault[] = []): string[] =>
  judge(ledger, faults).findings.map(({ promise, name }) => `${promise}: ${name}`);

test('incidents that end as they should break no promise', () => {
  const ledger = createLedger();
  ledger.answer(paged(ledger, 1, 'ack'), { at: start + 1_000, how: 'ack' });
  paged(ledger, 2, 'never', { state: 'unacknowledged', allowed: ['unacknowledged'], alarmShown: true });
  paged(ledger, 3, 'recover', { state: 'resolved', allowed: ['resolved'], recoveredAt: start + 2_000 });
  assert.deepEqual(found(ledger), []);
});

test('an incident that hangs, one without a page, and one without an alarm are lost', () => {
  const ledger = createLedger();
  paged(ledger, 1, 'never', { state: 'triggered', allowed: ['unacknowledged'] });
  paged(ledger, 2, 'never', { state: 'unacknowledged', allowed: ['unacknowledged'], alarmShown: true }).pages = [];
  paged(ledger, 3, 'never', { state: 'unacknowledged', allowed: ['unacknowledged'] });
  paged(ledger, 4, 'ack', { state: null });
  assert.deepEqual(found(ledger), [
    'lost: Orders-0001',
    'lost: Orders-0002',
    'no alarm: Orders-0003',
    'lost: Orders-0004',
  ]);
});

test('an accepted answer without effect is lost', () => {
  const ledger = createLedger();
  ledger.answer(paged(ledger, 1, 'ack', { state: 'unacknowledged' }), { at: start + 1_000, how: 'ack' });
  assert.deepEqual(found(ledger), ['answer lost: Orders-0001']);
});

test('a page more than 2 s after an answer is found, an earlier one is counted', () => {
  for (const [delayMs, broken] of [
    [1_500, []],
    [2_500, ['page after an answer: Orders-0001']],
  ] as const) {
    const ledger = createLedger();
    const subject = paged(ledger, 1, 'ack');
    subject.timeline.push(...subject.timeline);
    ledger.answer(subject, { at: start + 1_000, how: 'ack' });
    arrives(ledger, 1, 2, 1_000 + delayMs);
    assert.deepEqual(found(ledger), broken);
    assert.deepEqual(judge(ledger, []).after.pages, 1);
  }
});

test('the same attempt twice is a double, known when the list would have shown it', () => {
  for (const [gap, known] of [
    [2_900, 0],
    [3_100, 1],
  ] as const) {
    const ledger = createLedger();
    paged(ledger, 1, 'never', { state: 'unacknowledged', allowed: ['unacknowledged'], alarmShown: true });
    arrives(ledger, 1, 2, gap, 'attempt-1');
    const { doubles } = judge(ledger, []);
    assert.deepEqual([doubles.known, doubles.unknowable, doubles.pages], [known, 1 - known, 1]);
  }
});

test('more pages than the incident requested are a double too', () => {
  const ledger = createLedger();
  paged(ledger, 1, 'never', { state: 'unacknowledged', allowed: ['unacknowledged'], alarmShown: true });
  arrives(ledger, 1, 2, 60_000);
  assert.deepEqual(found(ledger), ['sent twice: Orders-0001']);
});

test('a page of the next round may be answered before its send is reported, a copy may not', () => {
  for (const [after, answeredAfter, broken] of [
    [18_000, 23_000, []],
    [17_000, 22_000, ['sent twice: Orders-0001']],
    [18_000, 39_000, ['sent twice: Orders-0001']],
  ] as const) {
    const ledger = createLedger();
    const subject = paged(ledger, 1, 'ack');
    arrives(ledger, 1, 2, after);
    ledger.answer(subject, { at: start + answeredAfter, how: 'ack' });
    assert.deepEqual(found(ledger), broken);
  }
});

test('a page that a frozen front let through after the answer is no copy', () => {
  for (const [frozen, broken] of [
    [true, []],
    [false, ['page after an answer: Orders-0001', 'sent twice: Orders-0001']],
  ] as const) {
    const ledger = createLedger();
    const subject = paged(ledger, 1, 'ack');
    arrives(ledger, 1, 2, 25_000);
    ledger.answer(subject, { at: start + 22_000, how: 'ack' });
    const faults = frozen ? [frontFrozen(start + 5_000, start + 24_900)] : [];
    assert.deepEqual(found(ledger, faults).toSorted(), broken);
  }
});

test('a reported last page does not excuse a copy of the first', () => {
  const ledger = createLedger();
  const subject = paged(ledger, 1, 'ack');
  arrives(ledger, 1, 2, 1_000);
  arrives(ledger, 1, 3, 20_000);
  const [sent] = subject.timeline;
  assert.ok(sent);
  subject.timeline.push({ ...sent, at: new Date(start + 20_100).toISOString() });
  ledger.answer(subject, { at: start + 22_000, how: 'ack' });
  assert.deepEqual(found(ledger), ['sent twice: Orders-0001']);
});

test('a page that its step gave up on counts as requested, one more does not', () => {
  for (const [pages, broken] of [
    [2, []],
    [3, ['sent twice: Orders-0001']],
  ] as const) {
    const ledger = createLedger();
    const subject = paged(ledger, 1, 'never', {
      state: 'unacknowledged',
      allowed: ['unacknowledged'],
      alarmShown: true,
    });
    const [sent] = subject.timeline;
    assert.ok(sent);
    subject.timeline.push({ ...sent, type: 'skipped', text: `${sent.text}: no report in its step` });
    for (let n = 2; n <= pages; n += 1) arrives(ledger, 1, n, n * 60_000);
    assert.deepEqual(found(ledger), broken);
  }
});
