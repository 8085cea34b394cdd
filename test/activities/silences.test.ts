import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createSilenceActivities } from '../../src/activities/silences.js';
import type { Silence } from '../../src/workflows/on-call-contract.js';

const now = Date.parse('2026-11-27T12:00Z');
const silence: Silence = {
  id: 'a',
  match: { item: 'Sales' },
  from: now - 1,
  to: now + 1,
  by: 'api',
  reason: 'Upgrade.',
};
const subject = { name: 'Sales', site: '-', event: 'WorkbookRefreshFailed' };

function create(silences: () => Promise<Silence[]>, maxAgeMs?: number) {
  const logged: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const more = maxAgeMs === undefined ? {} : { maxAgeMs };
  return { logged, ...createSilenceActivities({ silences, siteName: '', logger, clock: () => now, ...more }) };
}

describe('the silence of an item', () => {
  test('is found by a list that is read once for many items', async () => {
    let reads = 0;
    const activities = create(async () => ((reads += 1), [silence]));
    const found = await Promise.all(Array.from({ length: 50 }, () => activities.findSilence(subject)));
    assert.ok(found.every((one) => one?.id === 'a'));
    assert.equal(await activities.findSilence({ ...subject, name: 'HR' }), null);
    assert.equal(reads, 1);
  });

  test('is that of the last list while no other can be read, and the log has a warning', async () => {
    let fails = false;
    const { logged, ...activities } = create(
      () => (fails ? Promise.reject(new Error('late')) : Promise.resolve([silence])),
      0,
    );
    await activities.findSilence(subject);
    fails = true;
    assert.equal((await activities.findSilence(subject))?.id, 'a');
    assert.match(logged[0] ?? '', /silences could not be read in time/);
  });

  test('is none where no list was ever read', async () => {
    const activities = create(() => Promise.reject(new Error('late')));
    assert.equal(await activities.findSilence(subject), null);
  });
});
