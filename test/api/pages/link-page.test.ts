/** What the page of a link says, to whom and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkPage, resultText } from '../../../src/api/pages/link-page.js';
import { beginningRow } from '../../../src/temporal/incident-row.js';
import type { AnswerResult } from '../../../src/workflows/contract.js';
import type { IncidentView } from '../../../src/workflows/view-contract.js';

const now = Date.parse('2026-03-01T03:00:00Z');
const clock = { now, zone: 'UTC' };
const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: '-' } as const;
const four = '2026-03-01T04:00:00.000Z';

const viewOf = (more: Partial<IncidentView> = {}): IncidentView => ({
  ...beginningRow({ id: 'sales', item, event: 'WorkbookRefreshFailed', at: now - 600_000, policy: 'default' }),
  detail: null,
  timeline: [],
  pagesSent: [],
  ...more,
});
/** The text of the page for ana, without markup. */
const read = (view: IncidentView): string =>
  linkPage({
    prefix: '',
    path: '/i/x',
    contact: 'ana',
    view,
    clock,
    csrf: '',
    nonce: '',
    others: ['ben'],
    owner: null,
    seen: '',
    more: null,
  })
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
const told = (result: AnswerResult | null, more: Partial<IncidentView> = {}): string =>
  resultText(result, { contact: 'ana', view: viewOf(more), clock });

const takenBy = (acknowledgedBy: string) => ({ state: 'acknowledged', acknowledgedBy }) as const;
const reminder = { next: { at: four, code: 'reminder', what: 'Reminder' } } as const;

test('it says who has it: of a snooze whoever snoozed, and of what is over nobody', () => {
  assert.match(read(viewOf(takenBy('ana'))), / You have it\./);
  assert.match(read(viewOf(takenBy('ben'))), / ben has it\./);
  const snoozed = viewOf({ state: 'snoozed', acknowledgedBy: 'ben', snoozedBy: 'ana', snoozedUntil: four });
  assert.match(read(snoozed), / You snoozed it until 04:00\./);
  assert.match(read({ ...snoozed, acknowledgedBy: 'ana', snoozedBy: 'ben' }), / ben snoozed it until 04:00\./);
  const over = read(viewOf({ ...takenBy('ben'), state: 'resolved' }));
  assert.match(over, /There is nothing to do: it is over\..*Who had it ?ben/);
  assert.doesNotMatch(over, /has it/);
  assert.match(read(viewOf({ state: 'forgotten' })), /It is not watched any more.*a new failure pages again/);
});

test('it says who is reminded, and of nobody that they are who gets no message', () => {
  assert.match(read(viewOf({ ...takenBy('ana'), ...reminder })), /You are reminded if it is still broken at 04:00/);
  assert.match(read(viewOf({ ...takenBy('ben'), ...reminder })), /ben is reminded if it is still broken at 04:00/);
  assert.doesNotMatch(read(viewOf({ ...takenBy('Jane Doe'), ...reminder })), /reminded/);
});

test('what became of an answer is what is so now, also when the page is open for long', () => {
  assert.equal(
    told('taken', { ...takenBy('ana'), ...reminder }),
    'Taken. You are reminded at 04:00 if it is still broken.',
  );
  assert.equal(told('taken', { state: 'triggered' }), 'You took it, and it has changed since.');
  assert.equal(told('already', takenBy('ben')), 'It was taken before you pressed. ben has it.');
  assert.equal(told('rerunning', takenBy('ana')), 'Taken. The refresh runs again. If it fails, the pages start again.');
  assert.equal(
    told('rerunning', takenBy('ben')),
    'The refresh runs again. ben has it. If it fails, the pages start again.',
  );
  assert.equal(told('rerunning', { state: 'resolved' }), 'You ran the refresh again.');
  assert.match(told('snoozed', { state: 'snoozed', snoozedBy: 'ana', snoozedUntil: four }), /^Snoozed until 04:00\./);
  assert.equal(told('snoozed'), 'You snoozed it, and it has changed since.');
  assert.match(told('handed'), /^Handed on: whom you chose is paged/);
  assert.equal(told('handed', takenBy('ben')), 'You handed it on, and it has changed since.');
  assert.equal(told(null, { state: 'resolved' }), 'It is over.');
  assert.match(told(null), /^Recorded\./);
});
