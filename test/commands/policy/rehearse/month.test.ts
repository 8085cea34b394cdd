/** A month of incidents, as Temporal recorded them (month/record.ts): under the file that was in force, and under others. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { leavingTimes } from '../../../../src/commands/policy/rehearse/count.js';
import type { RecordedEpisode } from '../../../../src/history/recorded.js';
import { reportOf } from '../../../../src/commands/policy/rehearse/report.js';
import { reallyHappened, rehearseEpisode } from '../../../../src/commands/policy/rehearse/simulate.js';
import { minute, second } from '../../../../src/workflows/contract.js';
import { episodes, inShort, ledger, now, present, prices, rehearsed } from './month/episodes.js';

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

  test('messages, calls and wakings differ by one', () => {
    // In the storm by night a step waits from when its bundle leaves, so that the last page goes to the lead in three messages. In the rehearsal steps do not wait for bundles.
    assert.deepEqual(before.sent, { whatsapp: 204, sms: 154, call: 201 });
    assert.deepEqual(after.sent, { ...before.sent, whatsapp: before.sent.whatsapp - 1 });
    assert.deepEqual([before.wakings - after.wakings, before.cost, after.cost], [1, 29.84, 29.83]);
    for (const { contact, ...sides } of people) {
      const fewer = contact === 'lead' ? 1 : 0;
      const { sent, wakings } = sides.before;
      const expected = [{ ...sent, whatsapp: sent.whatsapp - fewer }, wakings - fewer];
      assert.deepEqual([sides.after.sent, sides.after.wakings], expected, contact);
    }
    const report = reportOf(
      { file: 'f', since: ledger.from, until: now, incidents: 275, prices, currency: null },
      rehearsed(present),
      [],
    );
    assert.match(report, /^wakings \(quiet hours, else 22:00 to 07:00\) +176 +175$/m);
  });

  test('pages and answers come at their time, apart from those of bundles', () => {
    const inOrder = (pages: readonly { contact: string; by: string; at: number }[]) =>
      pages.toSorted((a, b) => `${a.contact} ${a.by}`.localeCompare(`${b.contact} ${b.by}`) || a.at - b.at);
    const pagesOff = pairs.flatMap(({ was, is }) => {
      const planned = inOrder(is.pages.map((page) => ({ ...page, at: leaves(page) })));
      return inOrder(was.pages).map(({ at }, index) => Math.abs(at - (planned[index]?.at ?? Infinity)));
    });
    const answersOff = pairs.flatMap(({ was, is }) =>
      was.taken.map(({ afterMs }, index) => Math.abs(afterMs - (is.taken[index]?.afterMs ?? Infinity))),
    );
    const within = (off: readonly number[], mostMs: number): number =>
      off.filter((ms) => ms <= mostMs).length / off.length;
    // Each step begins about half a second after the wait of the one before it, for the activities between them.
    assert.ok(within(pagesOff, 5 * second) > 0.95, `${within(pagesOff, 5 * second)} of the pages`);
    // Where many leave in bundles, which one is first differs, and with it what follows.
    assert.equal(within(pagesOff, 5 * minute), 1);
    assert.ok(within(answersOff, 5 * second) > 0.98, `${within(answersOff, 5 * second)} of the answers`);
    assert.equal(within(answersOff, 90 * second), 1);
    assert.equal(after.answers.count, before.answers.count);
    for (const { contact, before: was, after: is } of [{ contact: 'all', before, after }, ...people])
      for (const key of ['medianMs', 'p90Ms'] as const) {
        const [a, b] = [was.answers[key], is.answers[key]];
        assert.ok(a !== null && b !== null && Math.abs(a - b) < 15 * second, `${contact}: ${key} ${a} and ${b}`);
      }
  });
});
