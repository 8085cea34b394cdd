import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import { dutyAt, onCallAt } from '../../src/policy/on-call.js';
import { readOverride, scheduleNamed, withOverrides, type OverrideFields } from '../../src/policy/overrides.js';
import type { Override } from '../../src/workflows/on-call-contract.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002", whatsapp: "+15550000002" }
  cleo: { whatsapp: "+15550000003" }
  dave: { phone: "+15550000004" }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
    overrides: [{ contact: dave, from: "2026-11-28T00:00", to: "2026-11-28T12:00" }]
  late: { timezone: Europe/Berlin, rotation: { contacts: [cleo], every: 1w, start: "2030-01-01T00:00" } }
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] } }
`,
);
/** Friday, 13:00 in Berlin. */
const now = Date.parse('2026-11-27T12:00Z');
const usual = { contact: 'ben', from: '2026-11-27T18:00:00+01:00', to: '2026-11-27T23:00:00+01:00' };

function read(fields: Partial<OverrideFields> = {}, name = 'data', made: Override[] = []) {
  const schedule = scheduleNamed(escalation, name);
  assert.ok(schedule);
  return readOverride(escalation, { name, schedule }, { ...usual, ...fields }, { id: 'id', now, made });
}
function requestOf(...args: Parameters<typeof read>) {
  const found = read(...args);
  assert.ok('request' in found, JSON.stringify(found));
  return found.request;
}
const texts = (...args: Parameters<typeof read>) =>
  requestOf(...args).concerned.map(({ contact, channel, made }) => `${contact} ${channel}: ${made}`);

describe('a request for an override', () => {
  test('is read with its times, and with texts for both people in the zone of the schedule', () => {
    const { override, concerned } = requestOf();
    assert.deepEqual(override, {
      id: 'id',
      schedule: 'data',
      contact: 'ben',
      from: Date.parse('2026-11-27T17:00Z'),
      to: Date.parse('2026-11-27T22:00Z'),
      by: 'api',
    });
    assert.deepEqual(concerned, [
      {
        contact: 'ben',
        channel: 'sms',
        made: 'You are on call (data) from Fri 18:00 to Fri 23:00 in place of ana.',
        ended: 'You are no longer on call (data) from Fri 18:00 to Fri 23:00 in place of ana: the override was ended.',
      },
      {
        contact: 'ana',
        channel: 'sms',
        made: 'ben is on call (data) from Fri 18:00 to Fri 23:00 in your place.',
        ended: 'ben is no longer on call (data) from Fri 18:00 to Fri 23:00 in your place: the override was ended.',
      },
    ]);
  });

  test('names dates where a weekday would not do', () =>
    assert.deepEqual(
      texts({ to: '2026-12-24T09:00:00Z' })[0],
      'ben sms: You are on call (data) from Fri 27 Nov 18:00 to Thu 24 Dec 10:00 in place of ana and dave.',
    ));

  test('is for whoever would be on call, by an override of the file or an earlier request too', () => {
    const early = { from: '2026-11-28T01:00:00+01:00', to: '2026-11-28T09:00:00+01:00' };
    assert.match(texts(early)[1] ?? '', /^dave sms: /);
    const made = [{ id: 'x', schedule: 'data', contact: 'ben', from: now, to: now + 86_400_000, by: 'api' }];
    assert.deepEqual(
      texts({ ...early, contact: 'ana' }, 'data', made).map((text) => text.split(' ')[0]),
      ['ana', 'ben'],
    );
  });

  test('notifies one person alone where nobody, or the same contact, would be on call', () => {
    assert.deepEqual(texts({ contact: 'ana' }), ['ana sms: You are on call (data) from Fri 18:00 to Fri 23:00.']);
    assert.deepEqual(texts({ contact: 'cleo' }, 'late'), [
      'cleo whatsapp: You are on call (late) from Fri 18:00 to Fri 23:00.',
    ]);
  });

  test('names and notifies everybody whom it replaces in turn, not only at its beginning', () => {
    const overHandOver = { contact: 'dave', from: '2026-11-29T18:00:00+01:00', to: '2026-12-01T09:00:00+01:00' };
    assert.deepEqual(
      requestOf(overHandOver).concerned.map(({ contact, made, ended }) => [contact, made, ended]),
      [
        [
          'dave',
          'You are on call (data) from Sun 18:00 to Tue 09:00 in place of ana and ben.',
          'You are no longer on call (data) from Sun 18:00 to Tue 09:00 in place of ana and ben: the override was ended.',
        ],
        [
          'ana',
          'dave is on call (data) from Sun 18:00 to Tue 09:00 in place of you and ben.',
          'dave is no longer on call (data) from Sun 18:00 to Tue 09:00 in place of you and ben: the override was ended.',
        ],
        [
          'ben',
          'dave is on call (data) from Sun 18:00 to Tue 09:00 in place of you and ana.',
          'dave is no longer on call (data) from Sun 18:00 to Tue 09:00 in place of you and ana: the override was ended.',
        ],
      ],
    );
    // The contact of the override would be on call for a part of the time.
    const partly = texts({ ...overHandOver, contact: 'ben' });
    assert.deepEqual(partly.length, 2);
    assert.match(partly[0] ?? '', / in place of ana\.$/);
    assert.match(partly[1] ?? '', /^ana sms: .* in your place\.$/);
  });

  test('names three of many and counts the others, and notifies ten', () => {
    const names = Array.from({ length: 14 }, (_, n) => `one-${n}`);
    const many = readEscalation(
      'e.yaml',
      `contacts:
  lead: { phone: "+15550000001" }
${names.map((name, n) => `  ${name}: { phone: "+155500001${String(n).padStart(2, '0')}" }`).join('\n')}
schedules: { data: { timezone: UTC, rotation: { contacts: [${names.join(', ')}], every: 1d, start: "2026-11-27T12:00" } } }
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] } }
`,
    );
    const schedule = scheduleNamed(many, 'data');
    assert.ok(schedule);
    const spans = (days: number) => {
      const times = { from: new Date(now).toISOString(), to: new Date(now + days * 86_400_000).toISOString() };
      const found = readOverride(
        many,
        { name: 'data', schedule },
        { contact: 'lead', ...times },
        { id: 'id', now, made: [] },
      );
      assert.ok('request' in found);
      return found.request.concerned.map(({ contact, made }) => `${contact}: ${made.split(' in ')[1] ?? ''}`);
    };
    assert.deepEqual(spans(3), [
      'lead: place of one-0, one-1 and one-2.',
      'one-0: place of you, one-1 and one-2.',
      'one-1: place of you, one-0 and one-2.',
      'one-2: place of you, one-0 and one-1.',
    ]);
    assert.equal(spans(5)[0], 'lead: place of one-0, one-1, one-2 and 2 more.');
    assert.equal(spans(5)[1], 'one-0: place of you, one-1, one-2 and 2 more.');
    const all = spans(90);
    assert.deepEqual([all.length, all[0]], [11, 'lead: place of one-0, one-1, one-2 and 11 more.']);
  });

  test('is refused by the field, with what is allowed', () => {
    for (const [fields, field, message] of [
      [{ contact: 'zoe' }, 'contact', /must be a contact of the escalation file: ana, ben, cleo, dave\./],
      [{ contact: 'constructor' }, 'contact', /must be a contact/],
      [
        { contact: 'cleo' },
        'contact',
        /must have an address for sms, by which a step pages schedule "data": "cleo" has none\./,
      ],
      [{ from: '2026-11-27T18:00:00' }, 'from', /must be a time with its offset/],
      [{ from: 'tomorrow' }, 'from', /must be a time with its offset/],
      [{ to: 'Sat 09:00' }, 'to', /must be a time with its offset/],
      [{ to: usual.from }, 'to', /after from/],
      [{ to: '2027-03-01T00:00:00Z' }, 'to', /at most 90 days/],
      [{ from: '2026-11-27T11:00:00Z' }, 'from', /past/],
      [{ by: ' ' }, 'by', /1 to 64 characters/],
      [{ by: 'call +1 555 000 0001' }, 'by', /phone number/],
    ] as const) {
      const found = read(fields);
      assert.ok('problem' in found, JSON.stringify(fields));
      assert.equal(found.problem.field, field);
      assert.match(found.problem.message, message);
    }
  });
});

describe('a schedule with overrides that were made', () => {
  const schedule = scheduleNamed(escalation, 'data');
  assert.ok(schedule);
  const at = (text: string) => Date.parse(text);
  const entry = (contact: string, from: string, to: string, name = 'data') =>
    ({ id: from, schedule: name, contact, from: at(from), to: at(to), by: 'api' }) as const;

  test('has them on call before those of the file, and counts them in what comes next', () => {
    const whole = withOverrides(escalation, 'data', schedule, [entry('ben', '2026-11-27T17:00Z', '2026-11-28T05:00Z')]);
    assert.deepEqual(dutyAt(whole, at('2026-11-28T04:00Z')), { contact: 'ben', isOverride: true });
    assert.deepEqual(dutyAt(whole, at('2026-11-28T05:00Z')), { contact: 'dave', isOverride: true });
    const { now: first, next } = onCallAt(whole, now);
    assert.deepEqual([first.contact, first.until, next?.contact], ['ana', at('2026-11-27T17:00Z'), 'ben']);
  });

  test('of several has the newest on call', () => {
    const made = [
      entry('ben', '2026-11-27T17:00Z', '2026-11-28T05:00Z'),
      entry('ana', '2026-11-27T18:00Z', '2026-11-27T19:00Z'),
    ];
    assert.equal(dutyAt(withOverrides(escalation, 'data', schedule, made), at('2026-11-27T18:30Z')).contact, 'ana');
  });

  test('ignores those of other schedules, and of contacts whom the file has no more', () => {
    const made = [
      entry('ben', '2026-11-27T11:00Z', '2026-11-28T05:00Z', 'ops'),
      entry('zoe', '2026-11-27T11:00Z', '2026-11-28T05:00Z'),
    ];
    assert.equal(dutyAt(withOverrides(escalation, 'data', schedule, made), now).contact, 'ana');
  });
});
