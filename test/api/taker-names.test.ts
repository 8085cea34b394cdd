import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTakerNames } from '../../src/api/incidents/taker-names.js';
import { beginningRow } from '../../src/temporal/incident-row.js';
import type { IncidentRow } from '../../src/workflows/view-contract.js';

const rowOf = (id: string, more: Partial<IncidentRow> = {}): IncidentRow => ({
  ...beginningRow({
    id,
    item: { kind: 'workbook', luid: id, name: id, site: '-' },
    event: 'WorkbookRefreshFailed',
    at: 0,
    policy: 'default',
  }),
  state: 'acknowledged',
  acknowledgedBy: 'api',
  acknowledgedAt: '2026-11-30T10:00:00.000Z',
  ...more,
});

test('a name is read once for each answer, behind the page, and only where one is missing', async () => {
  const reads: string[] = [];
  const names = createTakerNames(async (id) => {
    reads.push(id);
    return { acknowledgedBy: `Ana of ${id}`, snoozedBy: null };
  });
  const rows = [rowOf('a'), rowOf('b', { acknowledgedBy: 'ben' }), rowOf('c', { state: 'resolved' })];
  const takers = () => names.named(rows).map(({ acknowledgedBy }) => acknowledgedBy);
  assert.deepEqual(takers(), ['api', 'ben', 'api']);
  await names.settled();
  assert.deepEqual(takers(), ['Ana of a', 'ben', 'api']);
  await names.settled();
  assert.deepEqual(reads, ['a']);
  const [again] = names.named([rowOf('a', { acknowledgedAt: '2026-11-30T11:00:00.000Z' })]);
  assert.equal(again?.acknowledgedBy, 'api', 'another answer may be of somebody else');
});

test('what is being read is not read twice, and what could not be read is read again', async () => {
  let reads = 0;
  let answer: (() => void) | undefined;
  const names = createTakerNames(async () => {
    reads += 1;
    await new Promise<void>((resolve) => (answer = resolve));
    if (reads === 1) throw new Error('Temporal is unavailable');
    return { acknowledgedBy: 'Ana', snoozedBy: null };
  });
  const look = () => names.named([rowOf('a')])[0]?.acknowledgedBy;
  look();
  look();
  assert.equal(reads, 1);
  answer?.();
  await names.settled();
  assert.equal(look(), 'api');
  assert.equal(reads, 2);
  answer?.();
  await names.settled();
  assert.equal(look(), 'Ana');
});
