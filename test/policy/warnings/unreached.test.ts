import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { examine } from '../../../src/policy/load.js';
import { unreached } from '../../../src/policy/warnings/unreached.js';
import type { Channel } from '../../../src/workflows/contract.js';

const since = '2026-11-29T03:10:42.000Z';

/** The warnings of one alarm of a contact who is ana by default. */
function warningsOf(text: string, alarm: { contact?: string; code?: string; channel?: Channel | undefined }): string[] {
  const { problems, escalation } = examine('e.yaml', text);
  assert.ok(escalation, JSON.stringify(problems));
  const { contact = 'ana', code = 'contact-refused', channel } = alarm;
  return unreached(escalation, [{ contact, code, since, channel }]).map(
    (each) => `${each.path.join('.')}: ${each.text}`,
  );
}

const contacts = `contacts:
  ana: { phone: "+15550000001", whatsapp: "+15550000001", tableau: [ana] }
  ben: { phone: "+15550000002" }
`;
const paging = (page: string, by: Channel, more = ''): string =>
  `${contacts}policies: { default: { steps: [{ page: [${page}], by: ${by}, wait: 5m }] } }\n${more}`;

describe('a contact who is not reached', () => {
  test('is named at the address of the channel, with the time and what to do', () => {
    assert.deepEqual(warningsOf(paging('ana', 'sms'), { channel: 'sms' }), [
      'contacts.ana.phone: contacts.ana.phone: Twilio has refused SMS to "ana" since 2026-11-29 03:10 UTC; correct the number, or ' +
        'page by another channel (contact-refused, docs/operations.md).',
    ]);
    assert.match(
      warningsOf(paging('ana', 'call'), { channel: 'call' }).join(),
      /^contacts\.ana\.phone: .* refused calls to "ana"/,
    );
    assert.match(
      warningsOf(paging('ana', 'whatsapp'), { channel: 'whatsapp', code: 'contact-stopped' }).join(),
      /^contacts\.ana\.whatsapp: .*: "ana" has sent STOP and gets no WhatsApp messages since 2026-11-29 03:10 UTC; START ends that/,
    );
  });

  const schedule = (entry: string): string => `schedules:\n  data: ${entry}\n`;
  const pages: [string, string, boolean][] = [
    ['by another channel', paging('ana', 'call'), false],
    ['who is another', paging('ben', 'sms'), false],
    ['as the owner', paging('owner', 'sms', 'fallback: ben\n'), true],
    ['as the fallback, by whatever address there is', paging('ben', 'call', 'fallback: ana\n'), true],
    [
      'by a schedule',
      paging('schedule/data', 'sms') +
        schedule('{ timezone: UTC, rotation: { contacts: [ben, ana], every: 1w, start: "2026-11-23T09:00" } }'),
      true,
    ],
    [
      'by another schedule',
      paging('schedule/data', 'sms') +
        schedule('{ timezone: UTC, rotation: { contacts: [ben], every: 1w, start: "2026-11-23T09:00" } }'),
      false,
    ],
    ['by a calendar, which may name anybody', paging('schedule/data', 'sms') + schedule('{ ical: ./ops.ics }'), true],
  ];
  for (const [name, text, isNamed] of pages)
    test(`${isNamed ? 'counts' : 'does not count'} where a policy pages ${name}`, () =>
      assert.equal(warningsOf(text, { channel: 'sms' }).length, isNamed ? 1 : 0));

  test('does not count for whom the file does not have, without an address, nor by any other alarm', () => {
    const text = paging('ana', 'sms', 'fallback: ben\n');
    assert.deepEqual(warningsOf(text, { contact: 'cleo', channel: 'sms' }), []);
    assert.deepEqual(warningsOf(text, { contact: 'toString', channel: 'sms' }), []);
    assert.deepEqual(warningsOf(text, { contact: 'ben', channel: 'whatsapp' }), []);
    assert.deepEqual(warningsOf(text, { code: 'sms-limit', channel: 'sms' }), []);
    assert.deepEqual(warningsOf(text, {}), []);
  });
});
