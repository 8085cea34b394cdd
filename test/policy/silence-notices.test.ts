import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readEscalation } from '../../src/policy/load.js';
import { silencedText, silenceRequest } from '../../src/policy/silence-notices.js';
import { hour } from '../../src/workflows/contract.js';
import type { Override, Silence } from '../../src/workflows/on-call-contract.js';
import { fitsIn } from '../../src/workflows/words.js';

const contact = (name: string, n: number, more = '') => `  ${name}: { phone: "+1555000000${n}"${more} }\n`;
const escalation = readEscalation(
  'e.yaml',
  `contacts:
${contact('ana', 1, ', timezone: Asia/Kolkata')}${contact('ben', 2)}${contact('cleo', 3)}${contact('dave', 4)}${contact('lead', 5)}${contact('olga', 6)}  watcher: { whatsapp: "+15550000007" }
schedules:
  data:
    timezone: Europe/Berlin
    rotation: { contacts: [ana, ben], every: 1d, start: "2026-11-23T09:00" }
policies:
  default:
    steps:
      - { page: [watcher], by: whatsapp, wait: 5m }
      - { page: [schedule/data, lead], by: sms, wait: 5m }
  security: { steps: [{ page: [owner, olga], by: sms, wait: 5m }] }
fallback: lead
`,
);
/** Wednesday, 13:00 in Berlin, when ana is on call until 09:00 of the next day. */
const now = Date.parse('2026-11-25T12:00:00Z');
const usual: Silence = {
  id: 'id',
  match: { project: 'Finance/**' },
  from: now,
  to: now + 2 * hour,
  by: 'api',
  reason: 'Upgrade of the warehouse',
};
const concerned = (more: Partial<Silence> = {}, made: Override[] = [], sender?: string) =>
  silenceRequest(escalation, { ...usual, ...more }, { made, ...(sender !== undefined && { sender }) }).concerned;
const keys = (...args: Parameters<typeof concerned>) => concerned(...args).map((one) => one.contact);

describe('a silence concerns', () => {
  test('whoever is on call when it begins or ends, and whom first steps name', () => {
    assert.deepEqual(keys(), ['ana', 'watcher', 'olga']);
    assert.deepEqual(keys({ to: now + 24 * hour }), ['ana', 'ben', 'watcher', 'olga']);
    assert.deepEqual(keys({ from: now + 48 * hour, to: now + 72 * hour }), ['ana', 'ben', 'watcher', 'olga']);
  });

  test('whoever is on call by an override that was made', () => {
    const made = [{ id: 'x', schedule: 'data', contact: 'cleo', from: now - 1, to: now + hour, by: 'api' }];
    assert.deepEqual(keys({}, made), ['cleo', 'ana', 'watcher', 'olga']);
  });

  test('whoever makes it by text, who needs no notice of its beginning', () => {
    const [dave, ana] = concerned({ by: 'dave' }, [], 'dave');
    assert.deepEqual([dave?.contact, dave?.started], ['dave', undefined]);
    assert.match(dave?.ended ?? '', /is over/);
    assert.match(ana?.started ?? '', /^dave has silenced/);
    const [own, ...others] = concerned({ by: 'ana' }, [], 'ana');
    assert.equal(own?.started, undefined);
    assert.ok(others.every((one) => one.contact !== 'ana' && one.started !== undefined));
  });

  test('ten contacts at most, those who are on call first', () => {
    const names = Array.from({ length: 14 }, (_, n) => `one-${n}`);
    const many = readEscalation(
      'e.yaml',
      `contacts:
${names.map((name, n) => `  ${name}: { phone: "+155500001${String(n).padStart(2, '0')}" }`).join('\n')}
schedules: { data: { timezone: UTC, rotation: { contacts: [one-13], every: 1d, start: "2026-11-23T09:00" } } }
policies: { default: { steps: [{ page: [${names.join(', ')}], by: sms, wait: 5m }] } }
`,
    );
    const found = silenceRequest(many, usual, { made: [] }).concerned;
    assert.deepEqual([found.length, found[0]?.contact], [10, 'one-13']);
  });
});

describe('the notices of a silence', () => {
  test('say who silenced what, until when by the clock of each, and what happens at the end', () => {
    const [ana, watcher] = concerned({ by: 'lead' });
    assert.deepEqual(ana, {
      contact: 'ana',
      channel: 'sms',
      started: 'lead has silenced project "Finance/**" until Wed 19:30 (Asia/Kolkata). Upgrade of the warehouse.',
      ended: 'The silence of project "Finance/**" is over: what is still broken and taken by nobody is paged now.',
      endedEarly:
        'The silence of project "Finance/**" was ended early: what is still broken and taken by nobody is paged within 5 minutes.',
    });
    assert.equal(watcher?.channel, 'whatsapp');
    assert.match(watcher.started ?? '', /until Wed 15:00 \(Europe\/Berlin\)\./);
    assert.match(concerned()[0]?.started ?? '', /^The API has silenced/);
  });

  test('have a date where the end is far from the beginning', () => {
    const far = { from: now + 30 * 24 * hour, to: now + 40 * 24 * hour };
    assert.match(concerned(far)[0]?.started ?? '', /until Mon 4 Jan 17:30 \(Asia\/Kolkata\)/);
  });

  test('fit in a message, also of the longest silence, and without what a phone makes a link of', () => {
    const long = 'x'.repeat(128);
    const match = { item: long, project: long, tag: long, site: long, event: long };
    const reason = 'call +1 555 000 0001 or https://evil.example '.repeat(4).slice(0, 200);
    for (const { channel, ...texts } of concerned({ match, reason, by: 'y'.repeat(64) }))
      for (const text of [texts.started ?? '', texts.ended, texts.endedEarly]) {
        assert.ok(fitsIn(text, channel), text);
        assert.doesNotMatch(text, /555|https/);
      }
  });

  test('name every pattern', () => {
    for (const [match, text] of [
      [{ project: 'Finance/**' }, 'project "Finance/**"'],
      [{ item: 'Sales' }, 'every item named "Sales"'],
      [{ tag: 'gold' }, 'tag "gold"'],
      [{ project: 'Fin*', item: 'Sal*' }, 'what matches item "Sal*" and project "Fin*"'],
    ] as const)
      assert.equal(silencedText(match), text);
  });
});
