/** Reading episodes from real histories: those that the replay test replays. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { episodesIn } from '../../src/history/episodes.js';
import { messagesOf } from '../../src/commands/policy/rehearse/count.js';
import { factsIn, type Fact } from '../../src/history/incident-facts.js';
import type { RecordedEpisode } from '../../src/history/recorded.js';
import { reallyHappened, rehearseEpisode } from '../../src/commands/policy/rehearse/simulate.js';
import { day, second } from '../../src/workflows/contract.js';
import { defaultPolicy, escalationFor } from '../helpers/service-settings.js';
import { historiesFolder } from '../workflows/replay/recordings.js';
import { scenarios } from '../workflows/scenarios/index.js';

const files = readdirSync(historiesFolder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\/incident-\d+\.json$/.test(file))
  .toSorted();

const factsOf = (file: string): Fact[] =>
  factsIn(historyFromJSON(JSON.parse(readFileSync(new URL(file, historiesFolder), 'utf8'))));
const read = (file: string): RecordedEpisode[] => episodesIn(file, factsOf(file));

/** `whatsapp ana, sms ana, taken by ana; recovered`: one line for each episode, rounds apart. */
function inShort({ rounds, pages, answers, end }: RecordedEpisode): string {
  const parts = rounds.map((_, index) =>
    [
      ...pages
        .filter(({ round }) => round === index)
        .map(({ by, contact, sentAt }) => `${by} ${contact}${sentAt === null ? ' (unsent)' : ''}`),
      ...answers.filter(({ round }) => round === index).map(({ contact }) => `taken by ${contact ?? 'a script'}`),
    ].join(', '),
  );
  return [...parts, end?.how ?? 'open'].join('; ');
}

describe('every recorded history of an incident', () => {
  test('has episodes, whose state is the one that the workflow published last', () => {
    assert.ok(files.length > 70);
    for (const file of files) {
      const episodes = read(file);
      const state = factsOf(file).findLast((fact) => fact.type === 'state');
      const last = episodes.at(-1);
      assert.ok(last, file);
      const isOver = state?.type === 'state' && ['resolved', 'forgotten'].includes(state.state);
      assert.equal(last.end !== null, isOver, file);
      const isTaken = state?.type === 'state' && ['acknowledged', 'snoozed'].includes(state.state);
      if (isTaken) assert.equal(last.answers.at(-1)?.round, last.rounds.length - 1, file);
      for (const episode of episodes.slice(0, -1)) assert.notEqual(episode.end, null, file);
    }
  });

  test('has its pages in them, each once and with the time at which it was sent', () => {
    let sent = 0;
    for (const file of files) {
      const pages = read(file).flatMap((episode) => episode.pages);
      assert.equal(new Set(pages.map(({ id }) => id)).size, pages.length, file);
      const reported = factsOf(file).flatMap((fact) => (fact.type === 'sent' ? [fact.pageId] : []));
      const found = pages.flatMap(({ id, sentAt }) => (sentAt === null ? [] : [id]));
      assert.deepEqual(found.toSorted(), [...new Set(reported)].toSorted(), file);
      sent += found.length;
    }
    assert.ok(sent > 100, `${sent} pages`);
  });
});

/** By hand, from the scenarios of those names (test/workflows/scenarios). */
const known = {
  'acknowledged-by-sms': ['whatsapp ana, sms ana, taken by ana; open'],
  'acknowledged-by-the-api-then-resolved': ['whatsapp ana, taken by a script; resolved'],
  'nobody-answers-but-the-fallback': ['whatsapp ana, sms lead, taken by lead; recovered'],
  'reopened-as-a-new-episode': ['whatsapp ana, taken by ana; recovered', 'whatsapp ana; open'],
  'snoozed-and-escalated-again': ['whatsapp ana, taken by ana; whatsapp ana, taken by ana; resolved'],
  'rerun-by-reply-fails': ['sms ana, sms lead, taken by ana; sms ana, sms lead; open'],
  'a-silence-ends-while-it-is-still-broken': ['; whatsapp ana, taken by ana; open'],
  'a-silence-in-the-middle-is-ended-early': ['whatsapp ana; whatsapp ana, taken by ana; open'],
  'route-ignores-by-project': ['; ignored'],
  'rerun-by-the-policy-succeeds-and-pages-nobody': ['; recovered'],
  'deleted-in-tableau': ['whatsapp ana; deleted'],
  'a-copy-after-the-recovery': ['whatsapp ana; recovered'],
  'two-contacts-answer-at-the-same-moment': ['call ana, call lead, taken by lead; open'],
  'stop-of-the-only-channel-is-no-answer': ['whatsapp ana, whatsapp ana (unsent); open'],
};

test('the episodes of some histories are those that the scenarios play', () => {
  for (const [scenario, expected] of Object.entries(known))
    assert.deepEqual(read(`${scenario}/incident-1.json`).map(inShort), expected, scenario);
});

test('the pages of a storm went as two messages', () => {
  for (const [scenario, pages] of [
    ['a-storm-acknowledged-by-all', 12],
    ['a-bundle-by-call', 4],
  ] as const) {
    const episodes = files.filter((file) => file.startsWith(`${scenario}/`)).flatMap(read);
    const sent = episodes.flatMap((episode) => reallyHappened(episode).pages);
    assert.deepEqual([sent.length, messagesOf(sent).length], [pages, 2], scenario);
  }
});

/** Those in which every page was delivered, until the escalation was over. */
const undisturbed = [
  'nobody-answers',
  'nobody-answers-but-the-fallback',
  'wrong-key-and-voicemail-acknowledge-nothing',
  'acknowledged-by-whatsapp',
  'acknowledged-by-sms',
  'acknowledged-by-key',
  'acknowledged-by-the-api-then-resolved',
  'two-contacts-answer-at-the-same-moment',
  'snoozed-and-escalated-again',
  'reminded-and-recovered',
  'recovers-at-the-first-step',
  'recovers-while-the-phone-rings',
  'deliveries-out-of-order',
  'a-late-failure-of-a-recovered-item',
  'deleted-in-tableau',
  'rerun-by-reply-succeeds',
  'rerun-by-the-policy-succeeds-and-pages-nobody',
  'a-silence-ends-while-it-is-still-broken',
  'a-silence-in-the-middle-is-ended-early',
];

test('under the policy that was in force it is rehearsed as it was', () => {
  for (const scenario of scenarios.filter(({ name }) => undisturbed.includes(name))) {
    const [episode] = read(`${scenario.name}/incident-1.json`);
    assert.ok(episode);
    const was = reallyHappened(episode);
    const now = episode.at + 30 * day;
    const is = rehearseEpisode(escalationFor(scenario.policy ?? defaultPolicy), episode, now);
    const inOrder = ({ pages, taken }: typeof was) => [
      pages.map(({ by, contact }) => `${by} ${contact}`),
      taken.map(({ contact }) => contact),
    ];
    assert.deepEqual(inOrder(is), inOrder(was), scenario.name);
    for (const [index, { at }] of is.pages.entries())
      assert.ok(Math.abs(at - (was.pages[index]?.at ?? 0)) < 10 * second, `${scenario.name}, page ${index}`);
    for (const [index, { afterMs }] of is.taken.entries())
      assert.ok(Math.abs(afterMs - (was.taken[index]?.afterMs ?? 0)) < 5 * second, `${scenario.name}, answer ${index}`);
    assert.deepEqual(is.assumed, [], scenario.name);
  }
  assert.equal(scenarios.filter(({ name }) => undisturbed.includes(name)).length, undisturbed.length);
});

test('what Tableau told of an item is known of its episode', () => {
  const [sales] = read('acknowledged-by-sms/incident-1.json');
  assert.deepEqual([sales?.project, sales?.tags, sales?.failures], ['Finance', [], 1]);
  const [trial] = read('route-ignores-by-project/incident-1.json');
  assert.equal(trial?.project, 'Trials', 'also where it was looked up after the episode');
});

test('an incident whose first runs are gone begins with what they handed over', () => {
  const at = Date.parse('2026-11-10T02:00:00Z');
  const item = { kind: 'workbook', luid: 'w1', name: 'Sales', site: 's1' } as const;
  const page = { contact: 'ana', channel: 'sms', requestedAt: at } as const;
  const carried: Fact = {
    type: 'carried',
    at: at + 3_000,
    state: {
      state: 'acknowledged',
      item,
      event: 'WorkbookRefreshFailed',
      lastFailedAt: at,
      lastSucceededAt: null,
      seen: [`WorkbookRefreshFailed ${at}`],
      episode: 'e-1',
      openedAt: at,
      policy: { name: 'default' },
      pages: [
        { ...page, n: 1, sentAt: at + 1_000 },
        { ...page, n: 2, why: 'silenced' },
      ],
      acknowledgedContact: 'ana',
      detail: { project: 'Finance' },
      timeline: [{ at: new Date(at + 2_000).toISOString(), type: 'acknowledged' }],
    },
  };
  const event = { type: 'WorkbookRefreshSucceeded', item, createdAt: at + 4_000, receivedAt: at + 4_000 };
  const [episode, ...more] = episodesIn('refresh:s1:w1', [carried, { type: 'event', at: at + 5_000, event }]);
  assert.ok(episode);
  assert.equal(inShort(episode), 'sms ana, taken by ana; recovered');
  assert.deepEqual(
    [episode.at, episode.project, episode.tags, episode.answers[0]?.at],
    [at, 'Finance', [], at + 2_000],
  );
  assert.equal(more.length, 0);
});
