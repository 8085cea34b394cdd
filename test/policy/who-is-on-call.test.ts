import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Schedule } from '../../src/policy/on-call.js';
import { onCallSentence } from '../../src/policy/who-is-on-call.js';

const weekly: Schedule = {
  timezone: 'Europe/Berlin',
  rotations: [{ contacts: ['ana', 'ben'], every: { days: 7 }, start: '2026-11-23T09:00' }],
  overrides: [],
};
const at = (text: string): number => Date.parse(text);

describe('who is on call, as a sentence', () => {
  test('until when on the clock of the schedule, and who is next', () => {
    assert.equal(onCallSentence('data', weekly, at('2026-11-25T12:00:00Z')), 'data: ana until Mon 09:00, then ben.');
    assert.equal(
      onCallSentence('data', { ...weekly, timezone: 'Asia/Kolkata' }, at('2026-11-25T12:00:00Z')),
      'data: ana until Mon 09:00, then ben.',
    );
  });

  test('with the date where the weekday may mean another week', () => {
    assert.equal(
      onCallSentence('data', weekly, at('2026-11-23T12:00:00Z')),
      'data: ana until Mon 30 Nov 09:00, then ben.',
    );
  });

  test('with the override that counts now', () => {
    const overrides = [{ contact: 'dave', from: at('2026-11-25T11:00:00Z'), to: at('2026-11-25T13:30:00Z') }];
    assert.equal(
      onCallSentence('data', { ...weekly, overrides }, at('2026-11-25T12:00:00Z')),
      'data: dave until Wed 14:30, then ana.',
    );
  });

  test('where nobody is on call, and where nobody else comes', () => {
    assert.equal(onCallSentence('data', weekly, at('2026-11-22T12:00:00Z')), 'data: nobody until Mon 09:00, then ana.');
    assert.equal(onCallSentence('ops', { timezone: 'UTC', rotations: [], overrides: [] }, 0), 'ops: nobody.');
    const alone = { ...weekly, rotations: [{ contacts: ['ana'], every: { days: 1 }, start: '2026-11-23T09:00' }] };
    assert.equal(onCallSentence('data', alone, at('2026-11-25T12:00:00Z')), 'data: ana.');
  });
});
