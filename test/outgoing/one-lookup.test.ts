import assert from 'node:assert/strict';
import type { LookupFunction } from 'node:net';
import { test } from 'node:test';
import { createOneLookup } from '../../src/outgoing/one-lookup.js';

const options = { all: true };
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('names are looked up one after the other, by all lookups together, and not after their time', async () => {
  let now = 0;
  const began: string[] = [];
  const ends: Parameters<LookupFunction>[2][] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    began.push(hostname);
    ends.push(callback);
  };
  const got: Record<string, string> = {};
  const oneAtATime = createOneLookup(15_000, () => now);
  const [toPublic, toAny] = [oneAtATime(lookup), oneAtATime(lookup)];
  const find = (look: LookupFunction, hostname: string) =>
    look(hostname, options, (error, address) => (got[hostname] = error?.code ?? JSON.stringify(address)));
  find(toPublic, 'hangs.example');
  find(toAny, 'inner.example');
  find(toPublic, 'late.example');
  await settled();
  assert.deepEqual(began, ['hangs.example']);
  now += 10_000;
  ends[0]?.(Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }), '', 0);
  await settled();
  assert.deepEqual(began, ['hangs.example', 'inner.example']);
  now += 10_000;
  ends[1]?.(null, '10.0.0.1', 4);
  await settled();
  assert.equal(began.length, 2);
  assert.deepEqual(got, { 'hangs.example': 'EAI_AGAIN', 'inner.example': '"10.0.0.1"', 'late.example': 'ETIMEOUT' });
  find(toAny, 'next.example');
  await settled();
  assert.equal(began.at(-1), 'next.example');
});
