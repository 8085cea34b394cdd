import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { matchesPath } from '../../src/policy/glob.js';
import { isMatch, readSilence, silenceOf, type SilenceFields } from '../../src/policy/silences.js';
import { day, hour } from '../../src/workflows/contract.js';

const now = Date.parse('2026-11-27T12:00Z');
const sales = {
  name: 'Sales Daily',
  site: 'site-luid',
  event: 'WorkbookRefreshFailed',
  project: 'Finance/Daily',
  tags: ['gold', 'eu'],
};

describe('a silence matches', () => {
  for (const [match, matches] of [
    [{ item: 'sales*' }, true],
    [{ item: 'sales' }, false],
    [{ item: '*' }, true],
    [{ project: 'Finance/**' }, true],
    [{ project: 'finance' }, false],
    [{ project: 'Finance/*', tag: 'GOLD' }, true],
    [{ project: 'Finance/**', tag: 'silver' }, false],
    [{ tag: 'e*' }, true],
    [{ site: 'site-luid' }, true],
    [{ site: 'Europe' }, true],
    [{ site: 'asia' }, false],
    [{ event: '*RefreshFailed' }, true],
    [{ event: 'Datasource*' }, false],
  ] as const)
    test(`${JSON.stringify(match)}: ${matches}`, () => assert.equal(isMatch(match, sales, 'europe'), matches));

  test('names with other dashes than those of the pattern', () => {
    const dashed = { ...sales, name: 'Sales \u2013 EU', project: 'Finance \u2014 EU/Daily' };
    for (const match of [{ item: 'sales - eu' }, { project: 'Finance - EU/**' }, { item: 'Sales \u2014 EU' }])
      assert.equal(isMatch(match, dashed, ''), true, JSON.stringify(match));
    assert.equal(isMatch({ item: 'Sales EU' }, dashed, ''), false);
  });

  test('nothing by what is not known of the item', () => {
    const { project: _project, tags: _tags, ...little } = sales;
    for (const match of [{ project: '**' }, { tag: '*' }]) assert.equal(isMatch(match, little, ''), false);
    assert.equal(isMatch({ site: '*x' }, little, ''), false);
  });

  test('only from its beginning until its end, of several the one that ends last', () => {
    const silence = { id: 'a', match: { item: '*' }, from: now, to: now + hour, by: 'api', reason: 'r' };
    const longer = { ...silence, id: 'b', to: now + 2 * hour };
    assert.equal(silenceOf([silence], sales, '', now - 1), null);
    assert.deepEqual(silenceOf([silence], sales, '', now), { id: 'a', until: now + hour, by: 'api', reason: 'r' });
    assert.equal(silenceOf([silence], sales, '', now + hour), null);
    assert.equal(silenceOf([longer, silence], sales, '', now)?.id, 'b');
  });
});

test('patterns of paths', () => {
  for (const [pattern, path, fits] of [
    ['Finance/**', 'Finance', true],
    ['Finance/**', 'Finance/A/B', true],
    ['Finance/**', 'Financial', false],
    ['Finance/*', 'Finance', false],
    ['Finance/*', 'Finance/A/B', false],
    ['**/Daily', 'Finance/Daily', true],
    ['**/Daily', 'Daily', true],
    ['F*', 'Finance/A', false],
    ['**', 'Finance/A', true],
  ] as const)
    assert.equal(matchesPath(pattern, path), fits, `${pattern} ${path}`);
  const started = Date.now();
  matchesPath('**/'.repeat(40), 'a/'.repeat(300));
  assert.ok(Date.now() - started < 1_000);
});

describe('a request for a silence', () => {
  const usual = { match: { item: 'Sales' }, for: '2h', reason: 'Upgrade' };
  const read = (fields: Partial<SilenceFields>) => readSilence({ ...usual, ...fields }, { id: 'id', now });

  test('is read with a length from now on, or with its times', () => {
    assert.deepEqual(read({}), {
      value: { id: 'id', match: { item: 'Sales' }, from: now, to: now + 2 * hour, reason: 'Upgrade', by: 'api' },
    });
    const timed = read({ for: undefined, start: '2026-11-28T00:00:00+01:00', end: '2026-11-29T00:00:00Z', by: 'lead' });
    assert.ok('value' in timed);
    assert.deepEqual(
      [timed.value.from, timed.value.to, timed.value.by],
      [Date.parse('2026-11-27T23:00Z'), Date.parse('2026-11-29T00:00Z'), 'lead'],
    );
    const fromNow = read({ for: undefined, end: '2026-11-29T00:00:00Z' });
    assert.ok('value' in fromNow);
    assert.equal(fromNow.value.from, now);
  });

  test('is refused by the field, with what is allowed', () => {
    const end = new Date(now + day).toISOString();
    for (const [fields, field, message] of [
      [{ match: {} }, 'match', /at least one of item, project, tag, site, event/],
      [{ match: { owner: 'x' } }, 'match', /some of item, project, tag, site, event/],
      [{ match: { item: 7 } }, 'match', /match\.item must be a text/],
      [{ match: { item: '' } }, 'match', /match\.item must have 1 to 128 characters/],
      [{ match: { item: 'x'.repeat(129) } }, 'match', /1 to 128/],
      [{ match: { item: 'of +1 555 000 0001' } }, 'match', /phone number/],
      [{ for: '91d' }, 'for', /from 1m to 90d/],
      [{ for: 'soon' }, 'for', /from 1m to 90d/],
      [{ end }, 'for', /cannot go with start or end/],
      [{ for: undefined }, 'end', /end is missing/],
      [{ for: undefined, end: 'tomorrow' }, 'end', /with its offset/],
      [{ for: undefined, start: 'now', end }, 'start', /with its offset/],
      [{ for: undefined, start: end, end }, 'end', /end must be after start/],
      [{ for: undefined, end: new Date(now + 91 * day).toISOString() }, 'end', /at most 90 days after start/],
      [{ for: undefined, start: '2026-11-27T11:00:00Z', end }, 'start', /start is past/],
      [{ reason: ' ' }, 'reason', /1 to 200/],
      [{ by: '+15550000001' }, 'by', /phone number/],
    ] as const) {
      const found = read(fields);
      assert.ok('problem' in found, JSON.stringify(fields));
      assert.equal(found.problem.field, field);
      assert.match(found.problem.message, message);
    }
  });
});
