/** 1,000 items fail within a minute, somebody takes them all, and they recover one after the other, while a chat takes 10 s for each post. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseOf, renderNext } from '../../../src/outgoing/render.js';
import type { ChangeType } from '../../../src/workflows/change-types.js';
import { hour, minute, second } from '../../../src/workflows/contract.js';
import { changeId, type IncidentChange } from '../../../src/workflows/webhook-contract.js';
import { change, endpoint, publicUrl } from '../../outgoing/changes.js';
import { createTestEndpoint, unavailable, type Receiver } from './endpoint.js';

const incidents = 1_000;
const chat = endpoint('slack');
/** Of one payload of Temporal. */
const payloadBytes = 2_000_000;

/** As long as those of a real site. */
function changeOf(incident: number, n: number, type: ChangeType): IncidentChange {
  const luid = `0d4c7a3e-91b2-4c55-8f0e-${String(incident).padStart(12, '0')}`;
  const site = '5f1c2b7e-6a0d-4e0b-9a53-0f6f3f1d2c4b';
  const about = {
    id: `refresh:${site}:${luid}`,
    item: { kind: 'workbook', luid, name: `Regional sales of week ${incident}`, site } as const,
    project: 'Finance/Daily closing/EMEA',
    cause: 'The extract could not be refreshed: the data source was not reachable within 30 s (error code 0xFAB9A2C5).',
    url: `https://10ay.online.tableau.com/#/site/finance/workbooks/${100_000 + incident}`,
  };
  return change(type, about, n, `7be1d2c4-1f6a-4a8e-b3c9-${String(incident).padStart(12, '0')}`);
}

/** The changes by the second in which they are signalled. */
function storm(): Map<number, IncidentChange[]> {
  const bySecond = new Map<number, IncidentChange[]>();
  const at = (time: number, one: IncidentChange): unknown => bySecond.set(time, [...(bySecond.get(time) ?? []), one]);
  for (let incident = 0; incident < incidents; incident += 1) {
    at(Math.floor(incident * 0.06), changeOf(incident, 1, 'triggered'));
    at(120 + (incident % 5), changeOf(incident, 2, 'acknowledged'));
    at(300 + incident, changeOf(incident, 3, 'recovered'));
  }
  return bySecond;
}

/** As the activity does: it posts what goes into one message. */
const takesMessages =
  (messages: IncidentChange[][]): Receiver =>
  (some) => {
    const { changes } = renderNext(chat, some, publicUrl);
    messages.push([...changes]);
    return { posted: changes.map(changeId), pauseMs: pauseOf(chat) };
  };

function play(team: ReturnType<typeof createTestEndpoint>, seconds: number): number {
  const bySecond = storm();
  let largestBytes = 0;
  for (let time = 0; time < seconds; time += 1) {
    for (const one of bySecond.get(time) ?? []) {
      team.gets([one]);
      // A report comes again where its worker died.
      if (one.n === 2 && time === 121) team.gets([one]);
    }
    if (time % 20 === 0) largestBytes = Math.max(largestBytes, team.sizeBytes());
    if (time % 50 === 0 && !team.hasInFlight()) team.continuesAsNew();
    team.later(second);
  }
  return largestBytes;
}

test('each change arrives once, in the order of its incident, in few messages, and what waits fits into a payload', () => {
  const messages: IncidentChange[][] = [];
  const team = createTestEndpoint(takesMessages(messages), 10 * second);
  const largestBytes = play(team, 1_400);
  team.later(hour);
  const arrived = messages.flat();
  assert.equal(arrived.length, 3 * incidents);
  assert.equal(new Set(arrived.map(changeId)).size, 3 * incidents);
  const last = new Map<string, number>();
  for (const { source, n } of arrived) {
    assert.equal(n, (last.get(source) ?? 0) + 1, `${source} came out of order`);
    last.set(source, n);
  }
  assert.deepEqual([team.waiting(), team.memo().dropped, team.alarms()], [0, 0, []]);
  assert.ok(messages.length < 140, `${messages.length} messages`);
  assert.ok(Math.max(...messages.map(({ length }) => length)) === 50);
  assert.ok(largestBytes < payloadBytes, `${largestBytes} bytes`);
});

test('a receiver that is down all the time costs a bounded state and few tries, and gets the newest when it is back', () => {
  const messages: IncidentChange[][] = [];
  const team = createTestEndpoint(unavailable(), 10 * second);
  const largestBytes = play(team, 1_400);
  assert.ok(largestBytes < payloadBytes, `${largestBytes} bytes`);
  assert.ok(team.posts.length < 45, `${team.posts.length} tries`);
  const { dropped } = team.memo();
  assert.equal(team.waiting() + dropped, 3 * incidents);
  team.answers(takesMessages(messages));
  team.later(3 * hour + minute);
  const arrived = messages.flat();
  assert.equal(arrived.length, 3 * incidents - dropped);
  // The oldest went first.
  assert.equal(arrived.filter(({ type }) => type === 'recovered').length, incidents);
});
