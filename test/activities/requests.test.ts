import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createRequestActivities } from '../../src/activities/requests.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import { readEscalation } from '../../src/policy/load.js';
import type { Outcome, Override, OverrideRequest, SilenceRequest } from '../../src/workflows/on-call-contract.js';

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

function activities(
  schedules: string,
  overrides: () => Promise<Override[]> = async () => [],
  { outcome = null, laterMs = 0 }: { outcome?: Outcome; laterMs?: number } = {},
) {
  const logged: string[] = [];
  const made: OverrideRequest[] = [];
  const silenced: SilenceRequest[] = [];
  const requests = createRequestActivities({
    escalation: fixedEscalation(readEscalation('e.yaml', file(schedules))),
    overrides,
    makeOverride: async (request) => {
      made.push(request);
      return outcome;
    },
    makeSilence: async (silence) => {
      silenced.push(silence);
      return outcome;
    },
    logger: pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
    clock: () => now + laterMs,
  });
  return { requests, logged, made, silenced };
}

describe('who is on call', () => {
  test('by each schedule, with the overrides that were made meanwhile', async () => {
    const made = { id: 'a', schedule: 'ops', contact: 'ana', from: now - 1, to: now + 3_600_000, by: 'api' };
    const { requests } = activities(schedule('data', 'ana, ben') + schedule('ops', 'ben'), async () => [made]);
    assert.deepEqual(await requests.whoIsOnCall(), {
      sentences: ['data: ana until Thu 09:00, then ben.', 'ops: ana until Wed 14:00, then ben.'],
      count: 2,
    });
  });

  test('without schedules asks Temporal for nothing', async () => {
    const { requests } = activities('', () => Promise.reject(new Error('not asked')));
    assert.deepEqual(await requests.whoIsOnCall(), { sentences: [], count: 0 });
  });

  test('by the file alone where overrides cannot be read, with a warning', async () => {
    const { requests, logged } = activities(schedule('data', 'ana'), () => Promise.reject(new Error('deadline')));
    assert.deepEqual(await requests.whoIsOnCall(), { sentences: ['data: ana.'], count: 1, isByFileAlone: true });
    assert.match(logged[0] ?? '', /overrides could not be read in time/);
  });

  test('of many schedules by the first twenty', async () => {
    const many = Array.from({ length: 25 }, (_, n) => schedule(`team-${n}`, 'ana')).join('');
    const { sentences, count } = await activities(many).requests.whoIsOnCall();
    assert.deepEqual([sentences.length, count], [20, 25]);
  });
});

const command = { verb: 'swap', contact: 'ben', time: { kind: 'for', ms: 7_200_000 } } as const;

describe('a swap', () => {
  test('is prepared with a code that is no number of an item, and changes nothing', async () => {
    const { requests, made } = activities(schedule('data', 'ana, ben'));
    const codes = new Set<string>();
    for (let n = 0; n < 50; n += 1) {
      const prepared = await requests.prepareEntry({ by: 'ana', command });
      assert.ok('code' in prepared, JSON.stringify(prepared));
      assert.match(prepared.code, /^[1-9]\d{3}$/);
      codes.add(prepared.code);
      assert.equal(prepared.what, 'put ben on call (data) from Wed 13:00 to Wed 15:00');
      assert.match(prepared.entry.id, /^[0-9a-f]{8}-/);
    }
    assert.ok(codes.size > 25, `${codes.size} codes`);
    assert.deepEqual(made, []);
  });

  test('that is not possible is refused, and where overrides cannot be read it is tried again', async () => {
    assert.deepEqual(await activities(schedule('data', 'ben')).requests.prepareEntry({ by: 'ana', command }), {
      refused: 'You are not on call at the beginning of that time.',
    });
    const unread = activities(schedule('data', 'ana'), () => Promise.reject(new Error('deadline')));
    await assert.rejects(unread.requests.prepareEntry({ by: 'ana', command }), /deadline/);
  });

  const entry = {
    kind: 'override',
    id: 'id',
    schedule: 'data',
    contact: 'ben',
    from: now,
    to: now + 7_200_000,
  } as const;

  test('is made by the contact, with the notices to both, from the time when the code came', async () => {
    const { requests, made } = activities(schedule('data', 'ana, ben'), async () => [], { laterMs: 8 * 60_000 });
    assert.deepEqual(await requests.makeEntry({ by: 'ana', entry }), {
      text: 'Done: ben is on call (data) from Wed 13:08 to Wed 15:00.',
    });
    const [request] = made;
    assert.deepEqual(request?.override, {
      id: 'id',
      schedule: 'data',
      contact: 'ben',
      from: now + 8 * 60_000,
      to: now + 7_200_000,
      by: 'ana',
    });
    assert.deepEqual(
      request.concerned.map(({ contact, made: text }) => [contact, text]),
      [
        ['ben', 'You are on call (data) from Wed 13:08 to Wed 15:00 in place of ana.'],
        ['ana', 'ben is on call (data) from Wed 13:08 to Wed 15:00 in your place.'],
      ],
    );
  });

  test('that an earlier try has made is done, whatever the time', async () => {
    const earlier = { id: 'id', schedule: 'data', contact: 'ben', from: now + 60_000, to: entry.to, by: 'ana' };
    const again = activities(schedule('data', 'ana, ben'), async () => [earlier], { laterMs: 3 * 3_600_000 });
    assert.deepEqual(await again.requests.makeEntry({ by: 'ana', entry }), {
      text: 'Done: ben is on call (data) from Wed 13:01 to Wed 15:00.',
    });
    assert.deepEqual(again.made, []);
  });

  test('that is refused meanwhile says why', async () => {
    const outcome = { field: null, message: 'There are 200 overrides already, which is the most: end one first.' };
    const full = activities(schedule('data', 'ana, ben'), async () => [], { outcome });
    assert.deepEqual(await full.requests.makeEntry({ by: 'ana', entry }), { text: `Not done: ${outcome.message}` });
    const gone = activities(schedule('ops', 'ana, ben'));
    assert.deepEqual(await gone.requests.makeEntry({ by: 'ana', entry }), {
      text: 'Not done: there is no schedule "data" any more.',
    });
    const late = activities(schedule('data', 'ana, ben'), async () => [], { laterMs: 3 * 3_600_000 });
    assert.match((await late.requests.makeEntry({ by: 'ana', entry })).text, /^Not done: to must be after from/);
    assert.deepEqual(late.made, []);
  });
});

describe('a silence', () => {
  const match = { project: 'Finance/**' };
  const mute = { verb: 'mute', match, time: { kind: 'for', ms: 7_200_000 } } as const;
  const silence = { kind: 'silence', id: 'id', match, from: now, to: now + 7_200_000 } as const;

  test('is prepared with a code, and nothing is silent', async () => {
    const { requests, silenced } = activities(schedule('data', 'ben'));
    const prepared = await requests.prepareEntry({ by: 'ana', command: mute });
    assert.ok('code' in prepared);
    assert.equal(prepared.what, 'silence project "Finance/**" until Wed 15:00 (Europe/Berlin)');
    assert.deepEqual({ ...prepared.entry, id: 'id' }, silence);
    assert.deepEqual(silenced, []);
    const tooLong = { ...mute, time: { kind: 'for', ms: 86_400_000 } } as const;
    assert.deepEqual(await requests.prepareEntry({ by: 'ana', command: tooLong }), {
      refused: 'A silence by text lasts at most 12 h.',
    });
  });

  test('is made by the contact, who gets a notice of its end alone; whoever else is concerned gets both', async () => {
    const schedules = schedule('data', 'ben') + schedule('ops', 'ana') + schedule('more', 'ben');
    const { requests, silenced } = activities(schedules, async () => [], { laterMs: 60_000 });
    const until = 'until Wed 15:00 (Europe/Berlin)';
    assert.deepEqual(await requests.makeEntry({ by: 'ana', entry: silence }), {
      text: `Done: project "Finance/**" is silent ${until}.`,
    });
    const [request, ...more] = silenced;
    assert.deepEqual(more, []);
    const made = { id: 'id', match, from: now + 60_000, to: now + 7_200_000, by: 'ana', reason: 'by text' };
    assert.deepEqual(request?.silence, made);
    assert.deepEqual(
      request.concerned.map(({ contact, channel, started, ended }) => [contact, channel, started, ended]),
      [
        [
          'ana',
          'sms',
          undefined,
          'The silence of project "Finance/**" is over: what is still broken and taken by nobody is paged now.',
        ],
        [
          'ben',
          'sms',
          `ana has silenced project "Finance/**" ${until}. By text.`,
          'The silence of project "Finance/**" is over: what is still broken and taken by nobody is paged now.',
        ],
      ],
    );
  });

  test('concerns whoever is on call by the file where overrides cannot be read', async () => {
    const unread = activities(schedule('data', 'ben'), () => Promise.reject(new Error('deadline')));
    assert.match((await unread.requests.makeEntry({ by: 'ana', entry: silence })).text, /^Done: /);
    assert.deepEqual(
      unread.silenced[0]?.concerned.map(({ contact }) => contact),
      ['ana', 'ben'],
    );
    assert.match(unread.logged[0] ?? '', /overrides could not be read in time/);
  });

  test('says why it is refused', async () => {
    const outcome = { field: null, message: 'There are 200 silences already, which is the most: end one first.' };
    const full = activities(schedule('data', 'ben'), async () => [], { outcome });
    assert.deepEqual(await full.requests.makeEntry({ by: 'ana', entry: silence }), {
      text: `Not done: ${outcome.message}`,
    });
  });
});
