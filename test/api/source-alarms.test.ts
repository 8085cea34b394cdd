import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SourceAlarm } from '../../src/policy/escalation-source.js';
import type { Escalation } from '../../src/policy/route.js';
import { buildTestApp, clientWithoutServer, config, escalation } from './service.js';

const since = Date.parse('2026-11-29T03:00:00Z');

async function api() {
  let current: Escalation = escalation;
  let alarms: readonly SourceAlarm[] = [];
  const { app } = await buildTestApp(clientWithoutServer(), {
    escalation: { current: () => current, alarms: () => alarms },
    temporalTimeouts: { readyTimeoutMs: 200 },
  });
  return {
    becomes: (next: Escalation) => void (current = next),
    raise: (...raised: SourceAlarm[]) => void (alarms = raised),
    alarms: async () => {
      const { alarms: shown } = (await app.inject({ url: '/', headers: { accept: 'application/json' } })).json();
      return shown.filter(({ code }: { code: string }) => code !== 'temporal-unavailable');
    },
    page: async () => (await app.inject({ url: '/', headers: { accept: 'text/html' } })).body,
    onCall: async () => {
      const headers = { authorization: `Bearer ${config.apiToken}` };
      return (await app.inject({ url: '/on-call', headers })).json().schedules;
    },
  };
}

describe('the alarms of the escalation file and its calendars at GET /', () => {
  test('are shown while they last, with counts', async () => {
    const { raise, alarms, page } = await api();
    assert.deepEqual(await alarms(), []);
    raise(
      { code: 'escalation-file', since, problems: 1 },
      { code: 'calendar-unreadable', since, calendars: 2 },
      { code: 'holidays-unreadable', since, calendars: 1 },
    );
    assert.deepEqual(await alarms(), [
      {
        code: 'escalation-file',
        message:
          'The escalation file has changed and has 1 problem: the last good one stays in force. The log and the command "check" name them.',
        since: '2026-11-29T03:00:00.000Z',
      },
      {
        code: 'calendar-unreadable',
        message:
          '2 calendars of on-call schedules cannot be read: the last good copy stays in force, and without one nobody is on call. The log says which and why.',
        since: '2026-11-29T03:00:00.000Z',
      },
      {
        code: 'holidays-unreadable',
        message:
          '1 calendar of holidays cannot be read: the last good copy stays in force, and without one no day is a holiday, so that items without new data are late on holidays, too. The log says which and why.',
        since: '2026-11-29T03:00:00.000Z',
      },
    ]);
    assert.match(
      await page(),
      /<code>escalation-file<\/code>\s*<br \/><small>since <time datetime="2026-11-29T03:00:00.000Z"/,
    );
    raise();
    assert.deepEqual(await alarms(), []);
  });
});

test('the api asks for the escalation at each request', async () => {
  const { becomes, onCall } = await api();
  assert.deepEqual(await onCall(), {});
  const rotation = { contacts: ['ana'], every: { days: 7 }, start: '2020-01-01T00:00' };
  becomes({ ...escalation, schedules: { data: { timezone: 'UTC', rotations: [rotation], overrides: [] } } });
  assert.equal((await onCall()).data.now, 'ana');
});
