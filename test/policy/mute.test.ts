import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import { readMute, type MuteCommand } from '../../src/policy/mute.js';
import { hour, minute } from '../../src/workflows/contract.js';

const file = (timezone: string) => `contacts:
  ana: { phone: "+15550000001"${timezone} }
schedules:
  data:
    timezone: America/New_York
    rotation: { contacts: [ana], every: 1w, start: "2026-11-23T09:00" }
policies:
  default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }] }
fallback: ana
`;
const escalation = readEscalation('e.yaml', file(', timezone: Europe/Berlin'));
const now = Date.parse('2026-11-25T22:00:00+01:00');

const mute = (fields: Partial<MuteCommand>, inForce = escalation) =>
  readMute(
    inForce,
    'ana',
    { verb: 'mute', match: { project: 'Finance/**' }, time: { kind: 'for', ms: 2 * hour }, ...fields },
    { id: 'id', now },
  );

describe('a silence by text', () => {
  test('lasts for a length of time from now on', () => {
    assert.deepEqual(mute({}), {
      silence: {
        id: 'id',
        match: { project: 'Finance/**' },
        from: now,
        to: now + 2 * hour,
        reason: 'by text',
        by: 'ana',
      },
      what: 'silence project "Finance/**" until Thu 00:00 (Europe/Berlin)',
    });
  });

  test('or until a time of the clock of the contact', () => {
    const time = { kind: 'until', to: 6 * 60 } as const;
    const read = mute({ time, match: { item: 'Sales EU' } });
    assert.ok('silence' in read);
    assert.equal(read.silence.to, now + 8 * hour);
    assert.equal(read.what, 'silence every item named "Sales EU" until Thu 06:00 (Europe/Berlin)');
    const abroad = mute({ time: { kind: 'until', to: 18 * 60 } }, readEscalation('e.yaml', file('')));
    assert.ok('silence' in abroad);
    assert.equal(abroad.what, 'silence project "Finance/**" until Wed 18:00 (America/New_York)');
    assert.equal(abroad.silence.to, now + 2 * hour);
  });

  test('of more than 12 h is refused', () => {
    const refused = { refused: 'A silence by text lasts at most 12 h.' };
    assert.deepEqual(mute({ time: { kind: 'for', ms: 12 * hour + minute } }), refused);
    assert.deepEqual(mute({ time: { kind: 'until', to: 21 * 60 } }), refused);
    assert.ok('silence' in mute({ time: { kind: 'for', ms: 12 * hour } }));
  });

  test('of a name that no silence can have is refused', () => {
    const read = mute({ match: { project: 'x'.repeat(200) } });
    assert.match('refused' in read ? read.refused : '', /^Not possible: match\.project must have 1 to 128 characters/);
  });

  test('of a name that the announcement would not show as it is is refused', () => {
    for (const name of ['Sales www.evil.example', 'call 0900 555 0001', `${'a'.repeat(250)}${'b'.repeat(250)}`]) {
      const read = mute({ match: { item: name } });
      assert.match('refused' in read ? read.refused : '', /^Not possible by text: that name cannot be shown/, name);
    }
    for (const name of ['Q3-2026 10-2026', 'Sales \u2013 EU', 'sales.com', '[EU] "Sales"']) {
      const read = mute({ match: { item: name } });
      assert.ok('silence' in read, name);
      assert.equal(read.silence.match.item, name);
    }
    assert.match(
      (mute({ match: { project: 'Q3-2026 10-2026/**' } }) as { what: string }).what,
      /"Q3-2026 10-2026\/\*\*"/,
    );
  });
});
