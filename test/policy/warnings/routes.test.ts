import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { matchesEvent } from '../../../src/policy/route.js';
import { covers, hiddenRoutes } from '../../../src/policy/warnings/routes.js';
import { caseCount } from '../../helpers/case-count.js';

describe('a pattern covers another one', () => {
  const table: [general: string, specific: string, covered: boolean][] = [
    ['*', 'AdminPromoted', true],
    ['*', '*', true],
    ['*', '*RefreshFailed', true],
    ['*Failed', '*RefreshFailed', true],
    ['*RefreshFailed', '*Failed', false],
    ['*RefreshFailed', 'WorkbookRefreshFailed', true],
    ['*RefreshFailed', 'WorkbookRefresh*', false],
    ['WorkbookRefreshFailed', 'WorkbookRefreshFailed', true],
    ['WorkbookRefreshFailed', 'WorkbookRefreshFailed*', false],
    ['Workbook*Failed', 'Workbook*Refresh*Failed', true],
    ['Workbook*Refresh*Failed', 'Workbook*Failed', false],
    ['*Refresh*', '*RefreshFailed', true],
    ['**', '*', true],
    ['*', '**', true],
    ['a*b', 'ab', true],
    ['ab', 'a*b', false],
    ['*a*', '*b*', false],
    ['a*a', 'a', false],
    ['ab*ba', 'ab*aba', true],
    ['ab*ba', 'a*ba', false],
  ];
  for (const [general, specific, covered] of table)
    test(`${general} ${covered ? 'covers' : 'does not cover'} ${specific}`, () =>
      assert.equal(covers(general, specific), covered));

  const letters = ['a', 'b'];
  const pattern = fc
    .array(fc.constantFrom(...letters, '*'), { minLength: 1, maxLength: 6 })
    .map((each) => each.join(''));
  /** Independent of the code that the service uses. */
  const expression = (of: string): RegExp => new RegExp(`^${of.replaceAll('*', '[^]*')}$`);
  /** Every name of up to six letters, as many as a pattern has; no pattern has `c`. */
  const namesByLength = Array.from({ length: 6 }).reduce<string[][]>(
    (all) => [...all, (all.at(-1) ?? []).flatMap((name) => [...letters, 'c'].map((letter) => name + letter))],
    [['']],
  );
  const names = namesByLength.flat();

  test('when every name that fits the one fits the other, and only then', () => {
    fc.assert(
      fc.property(pattern, pattern, (general, specific) => {
        const [one, other] = [expression(general), expression(specific)];
        const beyond = names.filter((name) => other.test(name) && !one.test(name));
        assert.equal(covers(general, specific), beyond.length === 0, `${general} ${specific}: ${beyond[0]}`);
      }),
      { numRuns: caseCount(2_000) },
    );
  });

  test('and the service sees names as this test does', () => {
    fc.assert(
      fc.property(pattern, fc.constantFrom(...names), (of, name) =>
        assert.equal(matchesEvent(of, name), expression(of).test(name)),
      ),
      { numRuns: caseCount(5_000) },
    );
  });
});

describe('a route that an earlier one hides', () => {
  const textsOf = (...routes: object[]) =>
    hiddenRoutes({ routes }).map(({ path, text }) => `${path.join('.')}: ${text}`);

  test('is named with the routes that take its events', () => {
    assert.deepEqual(
      textsOf(
        { events: ['*Failed'], policy: 'default' },
        { events: ['Admin*'], policy: 'security' },
        { events: ['*RefreshFailed', 'AdminPromoted'], policy: 'other' },
        { events: ['DatasourceRefreshFailed'], policy: 'other' },
      ),
      [
        'routes.2: routes[2] can never be reached: routes[0] and routes[1] take every event that it matches.',
        'routes.3: routes[3] can never be reached: routes[0] takes every event that it matches.',
      ],
    );
  });

  test('in part has the pattern named that has no effect', () => {
    assert.deepEqual(
      textsOf(
        { events: ['*Failed'], policy: 'default' },
        { events: ['SiteDeleted', 'WorkbookRefreshFailed'], policy: 'other' },
      ),
      [
        'routes.1.events.1: "WorkbookRefreshFailed" in routes[1] has no effect: routes[0] takes every event that it matches.',
      ],
    );
  });

  test('is not hidden by one that takes only some of those events', () => {
    assert.deepEqual(
      textsOf(
        { events: ['*'], project: 'Finance/**', policy: 'urgent' },
        { events: ['*RefreshFailed'], policy: 'default' },
        { events: ['*Failed'], policy: 'default' },
      ),
      [],
    );
  });

  test('is hidden by one that ignores its events, also when it has conditions of its own', () => {
    assert.deepEqual(
      textsOf({ events: ['*'], ignore: 'not ours' }, { events: ['*RefreshFailed'], tags: ['gold'], policy: 'default' }),
      ['routes.1: routes[1] can never be reached: routes[0] takes every event that it matches.'],
    );
  });

  test('of a file of any form is no error', () => {
    for (const value of [null, 'x', { routes: 'x' }, { routes: [null, 7, { events: 'x' }, { events: [null, 7] }] }])
      assert.deepEqual(hiddenRoutes(value), []);
  });
});
