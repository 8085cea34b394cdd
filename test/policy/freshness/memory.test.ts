import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { judge } from '../../../src/policy/freshness/judge.js';
import { newMemory } from '../../../src/policy/freshness/remembered.js';
import { packMemory, rowsIn, unpackMemory, watchedText } from '../../../src/policy/freshness/memory.js';
import { at, by, item, siteOf } from './sites.js';

const packed = (value: unknown): string => gzipSync(JSON.stringify(value)).toString('base64');

test('what a look remembers is the same after it was packed, whatever is known of the items', () => {
  const facts = siteOf(
    item('Sales', { lastDataAt: at('05:00'), nextRunAt: at('06:00') }),
    item('Never', { kind: 'datasource' }),
    item('Café "Σ"', { upstream: ['Never'] }),
  );
  let { memory } = judge([by(7)], facts, newMemory(), at('06:00'));
  const { memory: second, late } = judge([by(7), by(8, { shadow: true })], facts, memory, at('07:00'));
  for (const { row } of late) Object.assign(row, { state: 'queued', why: 'It waits.', root: 'Never', isWaiting: true });
  memory = second;
  assert.deepEqual(unpackMemory(packMemory(memory)), memory);
});

test('a text that cannot be read, or is of another version, is forgotten and stops no look', () => {
  assert.deepEqual(unpackMemory(null), newMemory());
  for (const text of ['', 'foreign', packed('text'), packed({ ...newMemory(), version: 2 }), packed(null)])
    assert.deepEqual(unpackMemory(text), newMemory(), text);
  const { memory } = judge([by(7)], siteOf(item('Sales')), newMemory(), at('06:00'));
  const text = packMemory(memory);
  assert.deepEqual(unpackMemory(text.slice(0, text.length / 2)), newMemory());
});

test('20,000 items fit in the state of a workflow', () => {
  const items = Array.from({ length: 20_000 }, (_, n) =>
    item(`Workbook of region ${n} and of department ${n % 37}`, {
      luid: `${String(n).padStart(8, '0')}-abcd-4bcd-8${String(n * 7_919).padStart(11, '0')}`,
      project: `Finance/Team ${n % 90}`,
      lastDataAt: at('05:00') + n * 977,
      nextRunAt: at('06:00') + n * 60_000,
    }),
  );
  const { memory } = judge([by(7)], siteOf(...items), newMemory(), at('06:30'));
  assert.ok(packMemory(memory).length < 1_300_000, String(packMemory(memory).length));
});

test('the report has what is late and pages somebody first, then what is late in shadow, then what is due next', () => {
  const promises = [
    by(7, { items: { item: 'Late' } }),
    by(7, { items: { item: 'Shadow' }, shadow: true }),
    by(9, { items: { item: 'Later' } }),
    by(8, { items: { item: 'Soon' } }),
  ];
  const facts = siteOf(...['Soon', 'Shadow', 'Later', 'Late'].map((name) => item(name)));
  const { memory: before } = judge(promises, facts, newMemory(), at('06:00'));
  const { memory, late } = judge(promises, facts, before, at('07:00'));
  for (const { row } of late) row.state = 'unknown';
  const rows = rowsIn(packMemory(memory));
  assert.deepEqual(
    rows.map(({ item: { name } }) => name),
    ['Late', 'Shadow', 'Soon', 'Later'],
  );
  // What only looks need is not in it.
  assert.ok(rows.every((row) => !('seenAt' in row) && !('rootLuid' in row)));
});

test('promises are another text when anything in them changes, and none without any', () => {
  assert.equal(watchedText({}), '');
  const labels = { who: false, perMinute: 60 };
  assert.notEqual(watchedText({ labels }), '');
  assert.notEqual(watchedText({ freshness: [by(7)], labels }), watchedText({ freshness: [by(7)] }));
  assert.equal(watchedText({ labels }), watchedText({ labels: { ...labels, who: true } }));
  assert.equal(watchedText({ freshness: [by(7)] }), watchedText({ freshness: [by(7)] }));
  assert.notEqual(watchedText({ freshness: [by(7)] }), watchedText({ freshness: [by(7, { id: 'another' })] }));
});
