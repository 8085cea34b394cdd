/** The names of those who answered, which are in the history of an incident and not in its memo. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPayloadConverter, toPayloads } from '@temporalio/common';
import { lacksNames, withNames } from '../../src/api/incidents/answerers.js';
import { beginningRow } from '../../src/temporal/incident-row.js';
import type { History } from '../../src/temporal/histories.js';
import { minute, second, type AnswerSignal } from '../../src/workflows/contract.js';
import type { IncidentView } from '../../src/workflows/view-contract.js';

const at = Date.parse('2026-03-01T03:00:00Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: '-' } as const;

const viewOf = (
  entries: [ms: number, type: string, text: string][],
  more: Partial<IncidentView> = {},
): IncidentView => ({
  ...beginningRow({ id: 'sales', item, event: 'WorkbookRefreshFailed', at, policy: 'default' }),
  detail: null,
  timeline: entries.map(([ms, type, text]) => ({ at: iso(ms), type, text })),
  pagesSent: [],
  ...more,
});

const historyOf = (answers: [ms: number, answer: Pick<AnswerSignal, 'verb' | 'by'>][]): History => ({
  events: answers.map(([ms, answer]) => ({
    eventTime: { seconds: ms / second, nanos: 0 } as never,
    workflowExecutionSignaledEventAttributes: {
      signalName: 'answer',
      input: { payloads: toPayloads(defaultPayloadConverter, { answerId: `a-${ms}`, ...answer }) ?? null },
    },
  })),
});
const textsOf = (view: IncidentView): string[] => view.timeline.map(({ text }) => text);

test('whoever took it, ran it again, snoozed and resolved it is named', () => {
  const view = viewOf(
    [
      [at, 'acknowledged', 'Acknowledged by api'],
      [at, 'rerun', 'api runs it again'],
      [at + second, 'rerun', 'Not run again: refused by api'],
      [at + minute, 'snoozed', 'Snoozed by api for 1 h'],
      [at + 2 * minute, 'resolved', 'Resolved by api'],
    ],
    { acknowledgedBy: 'api', acknowledgedAt: iso(at), snoozedBy: 'api' },
  );
  assert.ok(lacksNames(view));
  const named = withNames(
    view,
    historyOf([
      [at, { verb: 'rerun', by: 'Ana Lima' }],
      [at + minute, { verb: 'snooze', by: 'Ben Ito' }],
      [at + 2 * minute, { verb: 'resolve', by: 'Cleo Roy' }],
    ]),
  );
  assert.deepEqual(textsOf(named), [
    'Acknowledged by Ana Lima',
    'Ana Lima runs it again',
    'Not run again: refused by api',
    'Snoozed by Ben Ito for 1 h',
    'Resolved by Cleo Roy',
  ]);
  assert.deepEqual([named.acknowledgedBy, named.snoozedBy], ['Ana Lima', 'Ben Ito']);
  assert.equal(lacksNames(named), false);
});

test('nobody who answered is named for a silence, which somebody else made, nor for what a reason says', () => {
  const silence = 'Silenced until 2026-03-01 05:00:00 UTC by api (Upgrade by api)';
  const view = viewOf([
    [at, 'acknowledged', 'Acknowledged by ana'],
    [at + minute, 'silenced', silence],
  ]);
  assert.equal(lacksNames(view), false);
  const history = historyOf([[at, { verb: 'acknowledge', by: 'Ana Lima' }]]);
  assert.deepEqual(textsOf(withNames(view, history)), ['Acknowledged by ana', silence]);
});

test('a contact whose reply came at the same time is not named in place of the name that a script gave', () => {
  const view = viewOf([[at, 'acknowledged', 'Acknowledged by api']], {
    acknowledgedBy: 'api',
    acknowledgedAt: iso(at),
  });
  const history = historyOf([
    [at, { verb: 'acknowledge', by: 'Ana Lima' }],
    [at + second, { verb: 'acknowledge', by: 'ben' }],
  ]);
  assert.equal(withNames(view, history).acknowledgedBy, 'Ana Lima');
});

test('without a history it is whoever the reader is told', () => {
  const view = viewOf([[at, 'resolved', 'Resolved by api']], { acknowledgedBy: 'api', acknowledgedAt: iso(at) });
  assert.deepEqual(withNames(view, null), view);
  const { acknowledgedBy, timeline } = withNames(view, null, 'somebody else');
  assert.deepEqual([acknowledgedBy, timeline[0]?.text], ['somebody else', 'Resolved by somebody else']);
});
