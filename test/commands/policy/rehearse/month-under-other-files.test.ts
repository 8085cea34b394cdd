/** The recorded month under other files than the one that was in force. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reallyHappened, rehearseEpisode } from '../../../../src/commands/policy/rehearse/simulate.js';
import { rehearse } from '../../../../src/commands/policy/rehearse/summary.js';
import type { Escalation } from '../../../../src/policy/route.js';
import { day, minute } from '../../../../src/workflows/contract.js';
import { episodes, inShort, ledger, now, present, prices, rehearsed } from './month/episodes.js';
import { monthFile } from './month/present.js';

/** `ana call 0, ana whatsapp 5; ana 9`: minutes since the failure, and since the escalation began. */
function inMinutes(file: Escalation, item: string, dayOfMonth: number): string {
  const episode = episodes.find(
    ({ item: { name }, at }) => name === item && Math.floor((at - ledger.from) / day) === dayOfMonth,
  );
  assert.ok(episode, item);
  const { pages, taken } = file === present ? reallyHappened(episode) : rehearseEpisode(file, episode, now);
  const sent = pages.map(({ contact, by, at }) => `${contact} ${by} ${Math.round((at - episode.at) / minute)}`);
  const answers = taken.map(({ contact, afterMs }) => `${contact} ${Math.round(afterMs / minute)}`);
  return `${sent.join(', ')}; ${answers.join(', ') || 'nobody'}`;
}

const callFirst = monthFile({
  high: `
  high:
    repeat: 0
    steps: [{ page: [schedule/data], by: call, wait: 5m }, { page: [schedule/data], by: whatsapp, wait: 5m }]`,
});
const leadAlone = monthFile({
  high: `
  high: { repeat: 0, steps: [{ page: [lead], by: sms, wait: 10m }] }`,
});

/** By hand: what was, under a file that calls first, and under one that pages the lead alone. */
const known: [item: string, dayOfMonth: number, was: string, callFirst: string, leadAlone: string][] = [
  // Ana answers before the second step; the lead does not answer for her.
  ['Report 24', 6, 'ana whatsapp 0; ana 1', 'ana call 0; ana 1', 'lead sms 0, lead whatsapp 10; nobody'],
  [
    'Report 8',
    1,
    'ana whatsapp 0, ana sms 5; ana 9',
    'ana call 0, ana whatsapp 5; ana 9',
    'lead sms 0, lead whatsapp 10; nobody',
  ],
  // The lead answers 8 min after the first page, which was the third step, is the last page, and is the first step.
  [
    'Report 31',
    9,
    'ana whatsapp 0, ana sms 5, ana call 10, lead call 10, lead whatsapp 15; lead 18',
    'ana call 0, ana whatsapp 5, lead whatsapp 10; lead 18',
    'lead sms 0; lead 8',
  ],
  // The schedule hands over 7 s after the failure, and it recovers 5.6 min after it.
  ['Report 19', 8, 'ana whatsapp 0, ben sms 5; nobody', 'ana call 0, ben whatsapp 5; nobody', 'lead sms 0; nobody'],
  // A silence begins 7 min after the failure and ends 4 h later. Then the page waits for a minute behind that of another item.
  [
    'Silent before',
    14,
    'ben whatsapp 0, ben sms 5, ben whatsapp 248, ben sms 253, ben call 258, lead call 258, lead whatsapp 263; nobody',
    'ben call 0, ben whatsapp 5, ben call 247, ben whatsapp 252, lead whatsapp 257; nobody',
    'lead sms 0, lead sms 247, lead whatsapp 257; nobody',
  ],
];

describe('under another file', () => {
  for (const [item, dayOfMonth, ...expected] of known)
    test(`${item} of day ${dayOfMonth} is as it was computed by hand`, () => {
      const found = [present, callFirst, leadAlone].map((file) => inMinutes(file, item, dayOfMonth));
      assert.deepEqual(found, expected);
    });

  test('without low severity nobody waits for the end of quiet hours', () => {
    const awake = monthFile({
      low: `
  low:
    repeat: 0
    steps: [{ page: [schedule/data], by: whatsapp, wait: 10m }, { page: [lead], by: sms, wait: 10m }]`,
    });
    const found = (item: string, dayOfMonth: number) =>
      [present, awake].map((file) => inMinutes(file, item, dayOfMonth));
    // At 04:36 in Berlin: ana sleeps until 06:30 there, then the lead until 08:00 in New York, which is 14:00.
    assert.deepEqual(found('Report 14', 6), [
      'ana whatsapp 114, lead sms 564, lead whatsapp 574; nobody',
      'ana whatsapp 0, lead sms 10, lead whatsapp 20; nobody',
    ]);
    // At 01:09 in Berlin: ana answers 227 min after the page.
    assert.deepEqual(found('Report 5', 18), [
      'ana whatsapp 321; ana 548',
      'ana whatsapp 0, lead sms 10, lead whatsapp 20; ana 227',
    ]);
    const low = episodes.filter(({ policy }) => policy === 'low');
    const wakings = [present, awake].map((file) => {
      const { people } = rehearse(file, low, { now, prices });
      return new Map(people.map(({ contact, after }) => [contact, after.wakings]));
    });
    // Ben has no quiet hours.
    for (const [name, isMore] of [
      ['ana', true],
      ['lead', true],
      ['ben', false],
    ] as const) {
      const [was = 0, is = 0] = wakings.map((one) => one.get(name));
      assert.ok(isMore ? was === 0 && is > 10 : was === is && was > 0, `${name}: ${was}, ${is}`);
    }
  });

  test('with other steps for high severity alone, the other policies do what they did', () => {
    for (const file of [callFirst, leadAlone])
      for (const episode of episodes.filter(({ policy }) => policy !== 'high'))
        assert.equal(inShort(rehearseEpisode(file, episode, now)), inShort(reallyHappened(episode)), episode.item.name);
  });

  test('that calls first, calls those who got the first message, and sends them no SMS', () => {
    const high = episodes.filter(({ policy, pages }) => policy === 'high' && pages.length > 0);
    for (const episode of high) {
      const first = reallyHappened(episode).pages.toSorted((a, b) => a.at - b.at)[0];
      const { contact, by } = rehearseEpisode(callFirst, episode, now).pages[0] ?? {};
      assert.deepEqual([contact, by], [first?.contact, 'call'], episode.item.name);
    }
    const ana = rehearsed(callFirst).people.find(({ contact }) => contact === 'ana');
    // Ana is in no other step by SMS.
    assert.deepEqual([ana?.before.sent.sms, ana?.after.sent.sms], [26, 0]);
  });

  test('that pages the lead alone, leaves the others the answers of the other policies', () => {
    const { people, assumed } = rehearsed(leadAlone);
    const policies = new Map(episodes.map(({ incident, policy }) => [incident, policy]));
    const answers = (contact: string, isHigh: boolean): number =>
      ledger.answers.filter((one) => one.contact === contact && (policies.get(one.incident) === 'high') === isHigh)
        .length;
    for (const name of ['ana', 'ben'])
      assert.equal(people.find(({ contact }) => contact === name)?.after.answers.count, answers(name, false), name);
    assert.equal(assumed.otherPeople, answers('ana', true) + answers('ben', true));
    assert.equal(people.find(({ contact }) => contact === 'ana')?.after.sent.call, 0);
  });
});
