import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  parseFailures,
  parseZonedHours,
  verdictOf,
  type Conditions,
  type FailureFacts,
  type Verdict,
} from '../../src/policy/conditions.js';
import { matchesPath } from '../../src/policy/glob.js';

describe('a path of projects', () => {
  const table: [string, string, boolean][] = [
    ['Finance', 'Finance', true],
    ['finance', 'Finance', true],
    ['Finance', 'Finance/Daily', false],
    ['Finance/*', 'Finance/Daily', true],
    ['Finance/*', 'Finance', false],
    ['Finance/*', 'Finance/Daily/Old', false],
    ['Finance/**', 'Finance', true],
    ['Finance/**', 'Finance/Daily/Old', true],
    ['Finance/**', 'Finances/Daily', false],
    ['**', 'anything/at/all', true],
    ['**/Daily', 'Daily', true],
    ['**/Daily', 'Finance/EU/Daily', true],
    ['**/Daily', 'Finance/Daily/Old', false],
    ['Finance/**/Daily', 'Finance/Daily', true],
    ['Finance/**/Daily', 'Finance/EU/North/Daily', true],
    ['**/EU/**', 'Finance/EU', true],
    ['**/EU/**', 'Finance/EUR', false],
    ['Fin*/**/D*y', 'Finance/x/Daily', true],
    ['A/**/A', 'A', false],
  ];
  for (const [pattern, path, fits] of table)
    test(`${path} ${fits ? 'fits' : 'does not fit'} ${pattern}`, () => assert.equal(matchesPath(pattern, path), fits));

  test('is matched soon, however long it is', () => {
    const began = performance.now();
    matchesPath('**/a*a*a*b/**/a*b/**'.repeat(10), 'aaaa/'.repeat(20_000));
    assert.ok(performance.now() - began < 1_000);
  });
});

const facts: FailureFacts = {
  event: 'WorkbookRefreshFailed',
  item: 'Sales EU',
  site: 's-1',
  at: Date.parse('2026-11-27T20:00Z'),
};
const failure = { events: ['*RefreshFailed'] };

describe('a condition', () => {
  const table: [what: string, conditions: Partial<Conditions>, known: Partial<FailureFacts>, verdict: Verdict][] = [
    ['the event alone', {}, {}, 'met'],
    ['another event', { events: ['*Deleted'] }, {}, 'missed'],
    ['the item, in any case', { item: 'sales*' }, {}, 'met'],
    ['another item', { item: 'HR*' }, {}, 'missed'],
    ['a project that is not known', { project: 'Finance/**' }, {}, 'unknown'],
    ['a project', { project: 'Finance/**' }, { project: 'Finance/Daily' }, 'met'],
    ['no project', { project: '**/Daily' }, { project: '' }, 'missed'],
    ['tags of which one is missing', { tags: ['gold', 'eu'] }, { tags: ['Gold', 'us'] }, 'missed'],
    ['all tags', { tags: ['gold', 'eu*'] }, { tags: ['Gold', 'EU-north'] }, 'met'],
    ['tags that are not known', { tags: ['gold'] }, {}, 'unknown'],
    ['an owner by one of the names', { owner: '*@example.com' }, { owner: ['alima', 'Ana.Lima@Example.com'] }, 'met'],
    ['an item without an owner', { owner: '*' }, { owner: [] }, 'missed'],
    ['the luid of the site', { site: 'S-1' }, {}, 'met'],
    ['the name of the site, which is not known', { site: 'eu' }, {}, 'unknown'],
    ['the name of the site', { site: 'eu' }, { siteName: 'EU' }, 'met'],
    ['the name of another site', { site: 'us' }, { siteName: 'EU' }, 'missed'],
    ['enough failures', { failures: { is: '>=', count: 3 } }, { failures: 3 }, 'met'],
    ['too few failures', { failures: { is: '>', count: 3 } }, { failures: 3 }, 'missed'],
    ['a count that is not known', { failures: { is: '>=', count: 3 } }, {}, 'unknown'],
    [
      'hours of its zone',
      { hours: { days: ['fri'], from: 21 * 60, to: 22 * 60, timezone: 'Europe/Berlin' } },
      {},
      'met',
    ],
    ['other hours', { hours: { days: ['fri'], from: 20 * 60, to: 21 * 60, timezone: 'Europe/Berlin' } }, {}, 'missed'],
    ['one that is missed beside one that is not known', { item: 'HR', project: 'x' }, {}, 'missed'],
  ];
  for (const [what, conditions, known, verdict] of table)
    test(`${what}: ${verdict}`, () =>
      assert.equal(verdictOf({ ...failure, ...conditions }, { ...facts, ...known }), verdict));
});

test('the count of failures has a sign, or means exactly that many', () => {
  assert.deepEqual(parseFailures('>= 3'), { is: '>=', count: 3 });
  assert.deepEqual(parseFailures('<5'), { is: '<', count: 5 });
  assert.deepEqual(parseFailures('3'), { is: '=', count: 3 });
  for (const wrong of ['', '>=', '=> 3', '0', '-1', '3 times', '>= 12345']) assert.equal(parseFailures(wrong), null);
});

test('hours have days, a span and a zone', () => {
  assert.deepEqual(parseZonedHours('Mon-Fri 06:00-20:00 Europe/Berlin'), {
    days: ['mon', 'tue', 'wed', 'thu', 'fri'],
    from: 360,
    to: 1_200,
    timezone: 'Europe/Berlin',
  });
  assert.deepEqual(parseZonedHours('Sat-Mon,wed 22:00-06:00 UTC')?.days, ['sat', 'sun', 'mon', 'wed']);
  assert.equal(parseZonedHours('00:00-24:00 UTC')?.days.length, 7);
  for (const wrong of ['Mon-Fri', '6:00-20:00 UTC', 'Foo 06:00-20:00 UTC', 'Mon 06:00-25:00 UTC', 'Mon 06:00 UTC'])
    assert.equal(parseZonedHours(wrong), null);
});
