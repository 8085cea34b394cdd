import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import { readSwap, type SwapCommand } from '../../src/policy/swap.js';
import { hour, minute } from '../../src/workflows/contract.js';
import { type DutyTime } from '../../src/workflows/pager-contract.js';
import type { Override } from '../../src/workflows/on-call-contract.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001" }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1w, start: "2026-11-23T09:00" }
  night:
    timezone: Europe/Berlin
    rotation: { contacts: [lead], every: 1w, start: "2026-11-23T09:00" }
    restrict: [{ from: "08:00", to: "20:00", else: ana }]
policies:
  default: { steps: [{ page: [schedule/data, schedule/night], by: sms, wait: 5m }] }
fallback: lead
`,
);
/** Wednesday, ana's week. Berlin is an hour ahead of UTC. */
const at = (clock: string): number => Date.parse(`2026-11-25T${clock}:00+01:00`);
const iso = (ms: number): string => new Date(ms + hour).toISOString().slice(5, 16);

function swap(fields: Partial<SwapCommand>, clock = '12:00', made: Override[] = [], by = 'ana') {
  const command: SwapCommand = { verb: 'swap', contact: 'ben', time: { kind: 'tonight' }, ...fields };
  return readSwap(escalation, by, command, { now: at(clock), made });
}
function span(time: DutyTime, clock: string): string {
  const read = swap({ time, schedule: 'data' }, clock);
  return 'swap' in read ? `${iso(read.swap.from)} ${iso(read.swap.to)}` : read.refused;
}

test('a swap beyond a hand-over says whose duty it gives, too', () => {
  const read = swap({ schedule: 'night', time: { kind: 'for', ms: 12 * hour } }, '21:00');
  assert.equal(
    'swap' in read && read.what,
    'put ben on call (night) from Wed 21:00 to Thu 09:00 in place of you and lead',
  );
});

describe('the time of a swap, on the clock of the schedule', () => {
  const cases: [string, DutyTime, string, string][] = [
    ['tonight at noon', { kind: 'tonight' }, '12:00', '11-25T18:00 11-26T09:00'],
    ['tonight in the evening', { kind: 'tonight' }, '21:30', '11-25T21:30 11-26T09:00'],
    ['hours to come', { kind: 'hours', from: 18 * 60, to: 9 * 60 }, '12:00', '11-25T18:00 11-26T09:00'],
    ['hours that last', { kind: 'hours', from: 18 * 60, to: 9 * 60 }, '20:00', '11-25T20:00 11-26T09:00'],
    [
      'hours that last since yesterday',
      { kind: 'hours', from: 18 * 60, to: 9 * 60 },
      '03:00',
      '11-25T03:00 11-25T09:00',
    ],
    ['hours of a day', { kind: 'hours', from: 13 * 60, to: 15 * 60 }, '12:00', '11-25T13:00 11-25T15:00'],
    ['hours of tomorrow', { kind: 'hours', from: 8 * 60, to: 10 * 60 }, '12:00', '11-26T08:00 11-26T10:00'],
    ['until today', { kind: 'until', to: 13 * 60 }, '12:00', '11-25T12:00 11-25T13:00'],
    ['until tomorrow', { kind: 'until', to: 60 }, '12:00', '11-25T12:00 11-26T01:00'],
    ['for a length', { kind: 'for', ms: 90 * minute }, '12:00', '11-25T12:00 11-25T13:30'],
    ['until too late', { kind: 'until', to: 11 * 60 }, '12:00', 'A swap lasts at most 16 h.'],
    ['a whole day', { kind: 'hours', from: 540, to: 540 }, '12:00', 'A swap lasts at most 16 h.'],
    ['for too long', { kind: 'for', ms: 17 * hour }, '12:00', 'A swap lasts at most 16 h.'],
    ['for years', { kind: 'for', ms: 9_999 * hour }, '12:00', 'A swap lasts at most 16 h.'],
  ];
  for (const [name, time, clock, expected] of cases) test(name, () => assert.equal(span(time, clock), expected));
});

describe('whose duty', () => {
  test('that of the one schedule by which the contact is on call then', () => {
    assert.deepEqual(swap({ contact: 'lead' }, '12:00', [], 'ben'), {
      refused: 'You are not on call at the beginning of that time.',
    });
    const read = swap({ time: { kind: 'for', ms: 2 * hour } }, '12:00');
    assert.ok('swap' in read);
    assert.equal(read.swap.schedule, 'data');
    assert.equal(read.what, 'put ben on call (data) from Wed 12:00 to Wed 14:00');
  });

  test('that of a schedule by name where there are several', () => {
    const time = { kind: 'for', ms: 2 * hour } as const;
    assert.deepEqual(swap({ time }, '21:00'), {
      refused: 'You are on call by data, night. Reply for one: SWAP data ben 2h',
    });
    const read = swap({ time, schedule: 'night' }, '21:00');
    assert.equal('swap' in read && read.what, 'put ben on call (night) from Wed 21:00 to Wed 23:00');
    assert.deepEqual(swap({ time, schedule: 'night' }, '12:00'), {
      refused: 'You are not on call (night) at the beginning of that time.',
    });
    for (const [other, text] of [
      [{ kind: 'tonight' }, 'tonight'],
      [{ kind: 'until', to: 540 }, 'until 09:00'],
      [{ kind: 'hours', from: 1_260, to: 545 }, '21:00-09:05'],
    ] as const) {
      const several = swap({ time: other }, '21:00');
      assert.ok('refused' in several && several.refused.endsWith(`SWAP data ben ${text}`), JSON.stringify(several));
    }
  });

  test('counts overrides that were made, and cannot be given twice', () => {
    const made = { id: 'a', schedule: 'data', contact: 'lead', from: at('11:00'), to: at('13:00'), by: 'api' };
    const time = { kind: 'for', ms: hour } as const;
    assert.deepEqual(swap({ time }, '12:00', [made]), {
      refused: 'You are not on call at the beginning of that time.',
    });
    assert.deepEqual(swap({ time, schedule: 'data' }, '12:00', [made], 'lead'), {
      refused: 'lead is on call (data) by an override from Wed 11:00 to Wed 13:00 already: take other times.',
    });
    assert.ok('swap' in swap({ time }, '13:00', [made]), 'after its end');
  });
});

test('an unknown contact, schedule or oneself is refused with what is known', () => {
  assert.deepEqual(swap({ contact: 'bem' }), { refused: 'There is no contact "bem": known are ana, ben, lead.' });
  assert.deepEqual(swap({ contact: 'constructor' }), {
    refused: 'There is no contact "constructor": known are ana, ben, lead.',
  });
  assert.deepEqual(swap({ schedule: 'date' }), { refused: 'There is no schedule "date": known are data, night.' });
  assert.deepEqual(swap({ contact: 'ana' }), { refused: 'You cannot take your own place: name another contact.' });
});
