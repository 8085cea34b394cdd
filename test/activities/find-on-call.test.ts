import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createOnCallActivities } from '../../src/activities/find-on-call.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { Override } from '../../src/workflows/on-call-contract.js';

const file = (fallback = 'fallback: lead') => `contacts:
  ana: { phone: "+15550000001", tableau: [Ana.Lima@example.com] }
  ben: { whatsapp: "+15550000002", tableau: [ben] }
  lead: { phone: "+15550000003" }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, lead], every: 1d, start: "2026-11-23T09:00" }
  nobody:
    timezone: Europe/Berlin
    rotation: { contacts: [ana], every: 1d, start: "2030-01-01T00:00" }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
${fallback}
`;
const item = { kind: 'workbook', luid: 'sales', name: 'Sales', site: '-' } as const;

async function find(
  references: string[],
  {
    names = async () => [],
    at = '2026-11-24T12:00Z',
    text = file(),
    overrides = async () => [],
  }: {
    names?: () => Promise<string[]>;
    at?: string;
    text?: string;
    overrides?: () => Promise<Override[]>;
  } = {},
) {
  const logged: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const activities = createOnCallActivities({
    escalation: fixedEscalation(readEscalation('e.yaml', text)),
    ownerNames: names,
    overrides,
    logger,
    clock: () => Date.parse(at),
  });
  const { contacts, ...duty } = await activities.findOnCall({ references, by: 'sms', item });
  return { found: contacts, duty, logged };
}

describe('whom a step means', () => {
  test('a schedule by the time of the question', async () => {
    assert.deepEqual((await find(['schedule/data'], { at: '2026-11-24T07:59Z' })).found, { 'schedule/data': 'ana' });
    assert.deepEqual((await find(['schedule/data'], { at: '2026-11-24T08:00Z' })).found, { 'schedule/data': 'lead' });
  });

  test('a gap, and a schedule that the file no longer has, by the fallback', async () => {
    const { found, logged } = await find(['schedule/nobody', 'schedule/gone']);
    assert.deepEqual(found, { 'schedule/nobody': 'lead', 'schedule/gone': 'lead' });
    assert.equal(logged.length, 1);
    assert.match(logged[0] ?? '', /"schedule":"gone".*no such schedule any more/);
    assert.deepEqual((await find(['schedule/nobody'], { text: file('') })).found, { 'schedule/nobody': null });
  });

  test('a schedule by an override that was made meanwhile, which is read once for all schedules', async () => {
    let reads = 0;
    const overrides = async () => {
      reads += 1;
      const [from, to] = [Date.parse('2026-11-24T00:00Z'), Date.parse('2026-11-25T00:00Z')] as const;
      return [{ id: 'a', schedule: 'data', contact: 'lead', from, to, by: 'api' }];
    };
    const at = '2026-11-24T07:59Z';
    const { found } = await find(['schedule/data', 'schedule/nobody'], { at, text: file(''), overrides });
    assert.deepEqual(found, { 'schedule/data': 'lead', 'schedule/nobody': null });
    assert.equal(reads, 1);
    await find(['owner'], { overrides });
    assert.equal(reads, 1);
  });

  test('overrides with few requests for many incidents at once, none of them older than the question', async () => {
    let reads = 0;
    const overrides = async () => {
      reads += 1;
      await new Promise((done) => setTimeout(done, 50));
      return [];
    };
    const activities = createOnCallActivities({
      escalation: fixedEscalation(readEscalation('e.yaml', file())),
      ownerNames: async () => [],
      overrides,
      logger: pino({ level: 'silent' }),
    });
    const ask = () => activities.findOnCall({ references: ['schedule/data'], by: 'sms', item });
    const first = ask();
    await new Promise((done) => setTimeout(done, 5));
    await Promise.all([first, ...Array.from({ length: 200 }, ask)]);
    assert.equal(reads, 2, 'one that had begun before, and one for all the others');
    await ask();
    assert.equal(reads, 3);
  });

  test('a schedule by the file alone where overrides cannot be read, with a warning', async () => {
    const overrides = () => Promise.reject(new Error('deadline'));
    const { found, logged } = await find(['schedule/data'], { at: '2026-11-24T07:59Z', overrides });
    assert.deepEqual(found, { 'schedule/data': 'ana' });
    assert.match(logged[0] ?? '', /overrides could not be read in time/);
  });

  test('and until when nobody else comes on call, an hour at most', async () => {
    const at = '2026-11-24T07:30Z';
    assert.deepEqual((await find(['schedule/data'], { at })).duty, {
      duties: { data: { contact: 'ana', channel: 'sms' } },
      lookAgainAt: Date.parse('2026-11-24T08:00Z'),
    });
    const both = await find(['schedule/data', 'schedule/nobody', 'owner'], { at: '2026-11-24T12:00Z' });
    // Whoever is on call, not the fallback that is paged in a gap.
    assert.deepEqual(both.duty, {
      duties: { data: { contact: 'lead', channel: 'sms' }, nobody: { contact: null, channel: null } },
      lookAgainAt: Date.parse('2026-11-24T13:00Z'),
    });
    assert.deepEqual((await find(['owner'])).duty, { duties: {}, lookAgainAt: null });
  });

  test('a schedule that cannot be computed by the fallback, and the others as ever', async () => {
    const escalation = readEscalation('e.yaml', file());
    const { data } = escalation.schedules ?? {};
    assert.ok(data);
    const logged: string[] = [];
    const activities = createOnCallActivities({
      escalation: fixedEscalation({ ...escalation, schedules: { data, broken: { ...data, timezone: 'No/Where' } } }),
      ownerNames: async () => [],
      overrides: async () => [],
      logger: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }),
      clock: () => Date.parse('2026-11-24T07:59Z'),
    });
    const found = await activities.findOnCall({ references: ['schedule/data', 'schedule/broken'], by: 'sms', item });
    assert.deepEqual(found, {
      contacts: { 'schedule/data': 'ana', 'schedule/broken': 'lead' },
      duties: { data: { contact: 'ana', channel: 'sms' } },
      lookAgainAt: Date.parse('2026-11-24T08:00Z'),
    });
    assert.ok(logged.every((line) => line.includes('who is on call could not be found')));
  });

  test('of a schedule whose key every object has, too', async () => {
    const text = file().replace('  nobody:', '  constructor:');
    const { duty } = await find(['schedule/data', 'schedule/constructor'], { at: '2026-11-24T12:00Z', text });
    assert.deepEqual(Object.keys(duty.duties), ['data', 'constructor']);
    assert.equal(duty.lookAgainAt, Date.parse('2026-11-24T13:00Z'));
  });

  test('and not who is on call where that is not known for sure, but when to look again', async () => {
    const at = '2026-11-24T12:00Z';
    const soon = Date.parse('2026-11-24T12:05Z');
    const overrides = () => Promise.reject(new Error('deadline'));
    const unread = await find(['schedule/data'], { at, overrides });
    assert.deepEqual(unread.found, { 'schedule/data': 'lead' });
    assert.deepEqual(unread.duty, { duties: {}, lookAgainAt: soon });
    const gone = await find(['schedule/data', 'schedule/gone'], { at });
    assert.deepEqual(gone.duty, { duties: { data: { contact: 'lead', channel: 'sms' } }, lookAgainAt: soon });
    const calendar = file().replace(/rotation: .*lead\].*$/m, 'ical: https://calendar.example.com/data.ics');
    const { duty } = await find(['schedule/data'], { at, text: calendar });
    assert.deepEqual(duty, { duties: {}, lookAgainAt: soon });
  });

  test('the owner by user name or e-mail address, in any case', async () => {
    assert.deepEqual((await find(['owner'], { names: async () => ['alima', 'ana.lima@EXAMPLE.com'] })).found, {
      owner: 'ana',
    });
  });

  test('an owner who is no contact, or has no address for the channel, by the fallback', async () => {
    assert.deepEqual((await find(['owner'], { names: async () => ['carl'] })).found, { owner: 'lead' });
    assert.deepEqual((await find(['owner'], { names: async () => ['ben'] })).found, { owner: 'lead' });
    assert.deepEqual((await find(['owner'], { names: async () => ['constructor'] })).found, { owner: 'lead' });
  });

  test('an owner who cannot be looked up by the fallback, and the log says so without a name', async () => {
    const names = () => Promise.reject(new Error('Tableau did not answer in time.'));
    const { found, logged } = await find(['owner'], { names });
    assert.deepEqual(found, { owner: 'lead' });
    assert.match(logged[0] ?? '', /the owner could not be looked up in time/);
  });
});
