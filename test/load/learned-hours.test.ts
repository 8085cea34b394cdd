import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { encodeHistory, remember, type History } from '../../src/policy/freshness/history.js';
import { learnedDue } from '../../src/policy/freshness/learned.js';
import { dayMs, itemsOf, kinds, mix, type Item } from '../policy/freshness/items.js';
import {
  learned,
  meanAndThreeSigma,
  medianLeadHours,
  olderThan26Hours,
  precisionOf,
  recallOf,
  scoreOf,
  seenByLooks,
  type Score,
} from '../policy/freshness/judging.js';

const seed = 2;
const items = kinds.flatMap((kind) => itemsOf(kind, mix[kind] * 2, seed));

const textOf = (name: string, score: Score): string =>
  `${name}: precision ${precisionOf(score).toFixed(2)} (${score.truePages} of ${score.pages} pages), ` +
  `recall ${recallOf(score).toFixed(2)} (${score.found} of ${score.troubles} troubles), ` +
  `median lead ${medianLeadHours(score).toFixed(1)} h`;

describe('200 items of a site, learnt in 21 to 35 days and judged for 60', () => {
  const scores = {
    learned: scoreOf(items, learned),
    'older than 26 h': scoreOf(items, olderThan26Hours),
    'mean and three sigma': scoreOf(items, meanAndThreeSigma),
  };

  test('nine in ten pages are of what a person would have missed, and nine in ten of that are paged', (t) => {
    for (const [name, score] of Object.entries(scores)) t.diagnostic(textOf(name, score));
    assert.ok(scores.learned.troubles > 300);
    assert.ok(precisionOf(scores.learned) >= 0.9);
    assert.ok(recallOf(scores.learned) >= 0.92);
  });

  test('hours before a person would have noticed, and long before a fixed rule or a mean', () => {
    const lead = medianLeadHours(scores.learned);
    assert.ok(lead >= 5);
    for (const other of [scores['older than 26 h'], scores['mean and three sigma']]) {
      assert.ok(lead >= medianLeadHours(other) + 3);
      assert.ok(precisionOf(scores.learned) >= precisionOf(other) + 0.3);
    }
  });

  for (const kind of ['daily', 'weekdays', 'twice a day', 'every 4 hours', 'hourly'] as const)
    test(`${kind}: alone it is nearly as good`, (t) => {
      const score = scoreOf(
        kind === 'hourly' || kind === 'every 4 hours' ? itemsOf(kind, 20, seed) : ofKind(kind),
        learned,
      );
      t.diagnostic(textOf(kind, score));
      assert.ok(precisionOf(score) >= 0.85 && recallOf(score) >= 0.88);
    });

  test('what is refreshed by hand, or monthly, hardly ever pages', () => {
    const score = scoreOf([...itemsOf('by hand', 20, seed), ...itemsOf('end of month', 20, seed)], learned);
    assert.ok(score.pages <= 4, `${score.pages} pages in 60 days of 40 items`);
  });
});

const ofKind = (kind: Item['kind']): Item[] => items.filter((item) => item.kind === kind);

test('5,000 items are learnt in seconds, and their histories fit into the state of a workflow', (t) => {
  const histories = items.flatMap(({ arrivals, begin, timezone }) => {
    const seen = seenByLooks(arrivals).filter((at) => at < begin + 40 * dayMs);
    const history = seen.reduce<History | null>((before, at) => remember(before, at), null);
    return history === null ? [] : [{ history, timezone }];
  });
  const before = process.cpuUsage();
  let known = 0;
  for (let index = 0; index < 5_000; index += 1) {
    const one = histories[index % histories.length];
    if (one && learnedDue(one.history, { timezone: one.timezone }) !== null) known += 1;
  }
  const { user, system } = process.cpuUsage(before);
  t.diagnostic(`5,000 items: ${Math.round((user + system) / 1000)} ms of one core, ${known} with something due`);
  assert.ok(known > 4_500);
  assert.ok(user + system < 10_000_000);

  const text = histories.map(({ history }) => encodeHistory(history)).join('\n');
  const bytes = deflateRawSync(text).length / histories.length;
  t.diagnostic(
    `a history: ${Math.round(text.length / histories.length)} characters, ${Math.round(bytes)} bytes deflated`,
  );
  assert.ok(bytes < 120);
});
