import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createRequestActivities } from '../../src/activities/requests.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { Override } from '../../src/workflows/on-call-contract.js';

const schedule = (name: string, contacts: string): string => `  ${name}:
    timezone: Europe/Berlin
    rotation: { contacts: [${contacts}], every: 1d, start: "2026-11-23T09:00" }
`;
const file = (schedules: string): string => `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
${schedules === '' ? '' : `schedules:\n${schedules}`}policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
`;
const now = Date.parse('2026-11-25T12:00:00Z');

function activities(schedules: string, overrides: () => Promise<Override[]> = async () => []) {
  const logged: string[] = [];
  const requests = createRequestActivities({
    escalation: fixedEscalation(readEscalation('e.yaml', file(schedules))),
    overrides,
    logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    clock: () => now,
  });
  return { ...requests, logged };
}

describe('who is on call', () => {
  test('by each schedule, with the overrides that were made meanwhile', async () => {
    const made = { id: 'a', schedule: 'ops', contact: 'ana', from: now - 1, to: now + 3_600_000, by: 'api' };
    const { whoIsOnCall } = activities(schedule('data', 'ana, ben') + schedule('ops', 'ben'), async () => [made]);
    assert.deepEqual(await whoIsOnCall(), {
      sentences: ['data: ana until Thu 09:00, then ben.', 'ops: ana until Wed 14:00, then ben.'],
      count: 2,
    });
  });

  test('without schedules asks Temporal for nothing', async () => {
    const { whoIsOnCall } = activities('', () => Promise.reject(new Error('not asked')));
    assert.deepEqual(await whoIsOnCall(), { sentences: [], count: 0 });
  });

  test('by the file alone where overrides cannot be read, with a warning', async () => {
    const { whoIsOnCall, logged } = activities(schedule('data', 'ana'), () => Promise.reject(new Error('deadline')));
    assert.deepEqual(await whoIsOnCall(), { sentences: ['data: ana.'], count: 1, isByFileAlone: true });
    assert.match(logged[0] ?? '', /overrides could not be read in time/);
  });

  test('of many schedules by the first twenty', async () => {
    const many = Array.from({ length: 25 }, (_, n) => schedule(`team-${n}`, 'ana')).join('');
    const { sentences, count } = await activities(many).whoIsOnCall();
    assert.deepEqual([sentences.length, count], [20, 25]);
  });
});
