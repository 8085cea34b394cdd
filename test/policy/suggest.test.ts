import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keysAt } from '../../src/policy/schema-keys.js';
import { nearest, suggestion } from '../../src/policy/suggest.js';

describe('the name that may be meant', () => {
  const known = ['ana', 'ben', 'data-lead', 'schedule/data', 'Europe/Berlin'];
  const table: [string, string | undefined][] = [
    ['anna', 'ana'],
    ['Ana', 'ana'],
    ['bne', 'ben'],
    ['bn', 'ben'],
    ['bob', undefined],
    ['cleo', undefined],
    ['data_lead', 'data-lead'],
    ['dat-laed', undefined],
    ['shedule/data', 'schedule/data'],
    ['schedule/date', 'schedule/data'],
    ['europe/berlin', 'Europe/Berlin'],
    ['', undefined],
    ['a'.repeat(100_000), undefined],
  ];
  for (const [word, name] of table)
    test(`for ${word.slice(0, 20) || 'nothing'}: ${name ?? 'none'}`, () => assert.equal(nearest(word, known), name));

  test('of two the nearer one', () => assert.equal(nearest('leab', ['leads', 'lead']), 'lead'));

  test('else all are named', () => {
    assert.equal(suggestion('anna', ['ana', 'ben']), 'did you mean "ana"?');
    assert.equal(suggestion('zoe', ['ana', 'ben']), 'known are ana, ben.');
    assert.equal(suggestion('zoe', []), 'known are none.');
  });
});

test('the keys that the file can have at a path', () => {
  assert.ok(keysAt([]).includes('fallback'));
  assert.deepEqual(keysAt(['contacts', 'ana']), ['whatsapp', 'phone', 'timezone', 'quiet', 'tableau']);
  assert.deepEqual(keysAt(['contacts']), []);
  assert.deepEqual(keysAt(['policies', 'default', 'steps', '0']), ['page', 'by', 'wait']);
  assert.ok(keysAt(['schedules', 'data', 'layers', '1']).includes('every'));
  assert.deepEqual(keysAt(['schedules', 'data', 'timezone']), []);
  assert.deepEqual(keysAt(['nothing', 'there']), []);
});
