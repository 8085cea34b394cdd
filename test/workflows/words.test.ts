import assert from 'node:assert/strict';
import { test } from 'node:test';
import { duration, fit } from '../../src/workflows/words.js';

test('fit never cuts within a character', () => {
  assert.equal(fit('  a   b ', 10), 'a b');
  assert.equal(fit('\u{1F600}'.repeat(10), 6), `${'\u{1F600}'.repeat(2)}..${'\u{1F600}'.repeat(2)}`);
});

test('durations', () => {
  const table: [number, string][] = [
    [0, '1 min'],
    [42 * 60_000, '42 min'],
    [119 * 60_000, '119 min'],
    [3 * 3_600_000, '3 h'],
    [3 * 86_400_000, '3 days'],
  ];
  for (const [ms, text] of table) assert.equal(duration(ms), text);
});
