/** A month of incidents, as Temporal recorded them (month/record.ts): under the file that was in force, and under others. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { leavingTimes } from '../../../../src/commands/policy/rehearse/count.js';
import { episodesOf } from '../../../../src/commands/policy/rehearse/episodes.js';
import type { RecordedEpisode } from '../../../../src/commands/policy/rehearse/recorded.js';
import { reportOf } from '../../../../src/commands/policy/rehearse/report.js';
import { reallyHappened, rehearseEpisode, type Delivery } from '../../../../src/commands/policy/rehearse/simulate.js';
import { rehearse, type Rehearsal } from '../../../../src/commands/policy/rehearse/summary.js';
import type { Escalation } from '../../../../src/policy/route.js';
import { minute, second } from '../../../../src/workflows/contract.js';
import { monthFile } from './month/present.js';
import { readMonth } from './month/recording.js';

const { ledger, histories } = readMonth();
const episodes = histories.flatMap((history) => episodesOf(history) ?? []);
const now = ledger.until;
const present = monthFile();
const prices = { whatsapp: 0.01, sms: 0.05, call: 0.1 };
const rehearsed = (file: Escalation): Rehearsal => rehearse(file, episodes, { now, prices });
const count = (is: (episode: RecordedEpisode) => boolean): number => episodes.filter(is).length;

test('the month has a few hundred episodes of every kind', () => {
  const kinds = {
    all: [count(() => true), 280],
    low: [count(({ policy }) => policy === 'low'), 40],
    high: [count(({ policy }) => policy === 'high'), 160],
    critical: [count(({ policy }) => policy === 'critical'), 30],
    'ignored by a route': [count(({ end }) => end?.how === 'ignored'), 20],
    'nobody answers': [count(({ pages, answers }) => pages.length > 0 && answers.length === 0), 50],
    'over before anybody is paged': [count(({ pages, end }) => pages.length === 0 && end?.how === 'recovered'), 1],
    'a script answers': [count(({ answers }) => answers.some(({ contact }) => contact === null)), 5],
    'escalated again': [count(({ rounds }) => rounds.length > 1), 10],
    silenced: [count(({ rounds }) => rounds.some(({ silencedAt }) => silencedAt !== null)), 3],
  };
  for (const [kind, [found = 0, least = Infinity]] of Object.entries(kinds))
    assert.ok(found >= least, `${kind}: ${found}, at least ${least}`);
});

describe('what really happened', () => {
  const { before, people } = rehearsed(present);

  test('is counted as the phones received it', () => {
    const counted = people.map(({ contact, before: { sent } }) => [contact, sent]);
    assert.deepEqual(Object.fromEntries(counted), ledger.received);
  });

  test('has every answer that people and scripts gave, at its time, and no other', () => {
    const read = episodes.flatMap(({ incident, answers }) => answers.map((answer) => ({ incident, ...answer })));
    assert.equal(before.answers.count, read.length);
    assert.equal(read.length, ledger.answers.length);
    for (const { incident, contact, at } of ledger.answers)
      assert.ok(
        read.some((one) => one.incident === incident && one.contact === contact && Math.abs(one.at - at) < 5 * second),
        `${contact} of ${incident} at ${new Date(at).toISOString()}`,
      );
  });

  test('wakes people in their quiet hours, and ben, who has none, by night', () => {
    const sleep = [
      ['ana', 'Europe/Berlin', '23:00', '06:30'],
      ['ben', 'Asia/Kolkata', '22:00', '07:00'],
      ['lead', 'America/New_York', '21:00', '08:00'],
    ] as const;
    for (const [name, timeZone, from, to] of sleep) {
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
      const messages = new Map<string, string>();
      for (const { contact, by, at } of episodes.flatMap((episode) => reallyHappened(episode).pages))
        if (contact === name) messages.set(`${by} ${at}`, clock.format(at));
      const waking = [...messages.values()].filter((time) => time >= from || time < to);
      assert.ok(waking.length > 0, name);
      assert.equal(people.find(({ contact }) => contact === name)?.before.wakings, waking.length, name);
    }
  });
});

/** `ana whatsapp, ana sms; lead`: pages in order, then who took it. */
const inShort = ({ pages, taken }: ReturnType<typeof reallyHappened>): string =>
  `${pages
    .map(({ contact, by }) => `${contact} ${by}`)
    .toSorted()
    .join(', ')}; ${taken.map(({ contact }) => contact ?? 'a script').join(', ')}`;

describe('under the file that was in force', () => {
  const { before, after, people, assumed, changed } = rehearsed(present);
  const plan = episodes.flatMap((episode) => rehearseEpisode(present, episode, now).pages);
  const leaves = leavingTimes(plan, present.settings);
  const pairs = episodes.map((episode) => ({
    episode,
    was: reallyHappened(episode),
    is: rehearseEpisode(present, episode, now, leaves),
  }));

  test('each episode pages the same people by the same channels, and the same person takes it', () => {
    const others = pairs
      .filter(({ was, is }) => inShort(was) !== inShort(is))
      .map(({ episode, was, is }) => `${episode.item.name}: was ${inShort(was)}, is ${inShort(is)}`);
    assert.deepEqual(others, []);
    assert.deepEqual(Object.values(assumed), [0, 0, 0, 0, 0]);
    assert.deepEqual(changed, { ignored: [], policy: [], unpaged: [] });
  });

  test('messages, calls, wakings and cost are those that were', () => {
    assert.deepEqual([after.sent, after.wakings, after.cost], [before.sent, before.wakings, before.cost]);
    for (const { contact, ...sides } of people)
      assert.deepEqual([sides.after.sent, sides.after.wakings], [sides.before.sent, sides.before.wakings], contact);
  });
});
