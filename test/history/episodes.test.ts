/** What no recorded history has. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { episodesIn } from '../../src/history/episodes.js';
import type { Answer, Fact } from '../../src/history/incident-facts.js';

const item = { kind: 'workbook', luid: 'w1', name: 'Sales', site: 's1' } as const;
const failed = (at: number, createdAt = at, untrueCreatedAt?: number): Fact => ({
  type: 'event',
  at,
  event: {
    type: 'WorkbookRefreshFailed',
    item,
    createdAt,
    receivedAt: at,
    ...(untrueCreatedAt !== undefined && { untrueCreatedAt }),
  },
  policy: { name: 'default' },
});
const page = (at: number, pageId: string, isLast = false): Fact => ({
  type: 'page',
  at,
  activity: '1',
  pageId,
  contact: 'ana',
  channel: 'sms',
  isLast,
});
const answer = (at: number, more: Partial<Answer> & { result?: string } = {}): Fact => {
  const { result, ...given } = more;
  return {
    type: 'answer',
    at,
    answer: { answerId: String(at), verb: 'acknowledge', by: 'ana', contact: 'ana', ...given },
    ...(result !== undefined && { result }),
  };
};
const state = (at: number, name: 'unacknowledged' | 'triggered' | 'resolved'): Fact => ({
  type: 'state',
  at,
  state: name,
  policy: 'default',
});

/** Rounds by their beginning, pages, answers by their time, and how each episode ended. */
const read = (...facts: Fact[]) =>
  episodesIn('refresh:s1:w1', facts).map(({ at, rounds, pages, answers, end }) => ({
    at,
    rounds: rounds.map((round) => round.at),
    pages: pages.map(({ id, round }) => `${id} in ${round}`),
    answers: answers.map((one) => one.at),
    end: end?.how ?? null,
  }));

describe('the episodes of an incident', () => {
  test('have each page once, though it is signalled again with what was learnt', () => {
    const [episode] = read(failed(1), page(2, 'e-1.1'), page(3, 'e-1.1'), page(4, 'e-1.2'));
    assert.deepEqual(episode?.pages, ['e-1.1 in 0', 'e-1.2 in 0']);
  });

  test('begin when the failure arrived, which is before a burst delivers it, and their first round when it was delivered', () => {
    const fact = failed(240, 1);
    assert.ok(fact.type === 'event');
    const inBurst = { ...fact, event: { ...fact.event, receivedAt: 2 } };
    const ahead = { ...fact, event: { ...fact.event, receivedAt: 250 } };
    assert.deepEqual(
      [inBurst, ahead].map((one) => read(one)[0]).map((one) => [one?.at, one?.rounds]),
      [
        [2, [240]],
        [240, [240]],
      ],
    );
  });

  test('are not begun by a copy of a failure whose time cannot be true', () => {
    const episodes = read(failed(1, 1, 99), answer(2, { verb: 'resolve' }), failed(3, 3, 99));
    assert.equal(episodes.length, 1);
  });

  test('end with the promise that the item broke where the incident settled its pages for it, and not by its event alone', () => {
    const missing = failed(1);
    assert.ok(missing.type === 'event');
    const { event } = missing;
    const late: Fact = { ...missing, event: { ...event, type: 'RefreshMissing' } };
    const { policy: _policy, ...ending } = { ...missing, at: 3, event: { ...event, type: 'RefreshNotPromised' } };
    const settled: Fact = { type: 'settled', at: 4, episode: 'e-1', how: 'not-promised' };
    assert.equal(read(late, page(2, 'e-1.1'), ending)[0]?.end, null);
    assert.equal(read(late, page(2, 'e-1.1'), ending, settled)[0]?.end, 'not-promised');
  });

  test('are not begun by a failure that comes late', () => {
    const late = failed(30, 5);
    assert.equal(read(failed(10), answer(20, { verb: 'resolve' }), late).length, 1);
    assert.deepEqual(
      read(failed(10), answer(20, { verb: 'resolve' }), late, failed(40)).map(({ at }) => at),
      [10, 40],
    );
  });

  test('have a new round where a page follows what paused them, but not the page that says that nobody answered', () => {
    const [episode] = read(
      failed(1),
      page(2, 'e-1.1'),
      state(3, 'unacknowledged'),
      page(4, 'e-1.2', true),
      failed(70),
      page(71, 'e-1.3'),
      state(72, 'triggered'),
    );
    assert.deepEqual(episode?.rounds, [1, 71]);
    assert.deepEqual(episode?.pages, ['e-1.1 in 0', 'e-1.2 in 0', 'e-1.3 in 1']);
  });

  test('have the first answer of a round that was taken', () => {
    const [episode] = read(
      failed(1),
      page(2, 'e-1.1'),
      answer(3, { result: 'closed' }),
      answer(4, { episode: 'e-0' }),
      answer(5, { result: 'already' }),
      answer(6, { result: 'taken' }),
      answer(7, { result: 'rerunning' }),
    );
    assert.deepEqual(episode?.answers, [6]);
  });

  test('end when somebody terminates the workflow, and by what it published where no event says it', () => {
    assert.equal(read(failed(1), { type: 'stopped', at: 2 })[0]?.end, 'stopped');
    assert.equal(read(failed(1), state(2, 'resolved'))[0]?.end, 'recovered');
  });
});
