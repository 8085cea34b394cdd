import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../src/workflows/contract.js';
import {
  confirmationText,
  duration,
  fit,
  headline,
  noticeText,
  pageText,
  pageVariables,
  spokenOutcome,
  spokenPage,
} from '../../src/workflows/texts.js';

const now = Date.parse('2026-03-01T03:00:00Z');
const sales: Facts = {
  kind: 'workbook',
  name: 'Sales',
  event: 'WorkbookRefreshFailed',
  project: 'Finance',
  owner: 'Olga Owner',
  failures: 3,
  since: now - 12 * 60_000,
};

describe('texts', () => {
  test('a page says what, where, whose, since when, how often, and how to answer', () => {
    assert.equal(
      pageText(sales, 7, now),
      '[7] Workbook refresh failed: Sales\nProject Finance, owner Olga Owner, 12 min ago, 3 failures.\n' +
        'Reply ACK or 7 to take it, R 7 to run it again, DONE 7 if it is fixed.',
    );
  });

  test('a page of which nothing else is known still says what failed and how to answer', () => {
    const bare: Facts = { kind: 'datasource', name: '99', event: 'DatasourceRefreshFailed', failures: 1, since: now };
    assert.equal(
      pageText(bare, 1, now),
      '[1] Data source refresh failed: 99\nJust now.\nReply ACK or 1 to take it, R 1 to run it again, DONE 1 if it is fixed.',
    );
  });

  test('a long name is cut in the middle, the instructions never', () => {
    const text = pageText({ ...sales, name: `Start${'x'.repeat(500)}End` }, 42, now);
    assert.match(text, /Startx+\.\.x+End/);
    assert.match(text, /Reply ACK or 42 to take it, R 42 to run it again, DONE 42 if it is fixed\.$/);
    assert.ok(text.length <= 306, `${text.length} characters are more than two SMS segments`);
  });

  test('template variables are one line each and never empty', () => {
    const variables = pageVariables({ ...sales, name: 'Sales\n\tEMEA' }, 7, now);
    assert.deepEqual(Object.keys(variables), ['1', '2', '3']);
    for (const value of Object.values(variables)) assert.match(value, /^[^\n\t]+$/);
    assert.equal(variables['1'], 'Workbook refresh failed: Sales EMEA');
  });

  test('a call says it in a sentence', () => {
    assert.equal(
      spokenPage(sales, now),
      'This is a Tableau alert. The workbook Sales, in project Finance, failed to refresh 12 minutes ago.',
    );
  });

  test('other events in their own words', () => {
    assert.equal(headline('AdminPromoted', 'user', 'ana'), 'Admin promoted: ana');
    assert.equal(headline('WorkbookRefreshFailed', 'workbook', 'Sales'), 'Workbook refresh failed: Sales');
  });

  test('fit keeps whole characters', () => {
    assert.equal(fit('  a   b ', 10), 'a b');
    assert.equal(fit('\u{1F600}'.repeat(10), 6), `${'\u{1F600}'.repeat(2)}..${'\u{1F600}'.repeat(2)}`);
  });

  test('durations', () => {
    const table: [number, string][] = [
      [0, '1 min'],
      [42 * 60_000, '42 min'],
      [119 * 60_000, '119 min'],
      [3 * 3_600_000, '3 h'],
      [3 * 86_400_000, '3 days'],
    ];
    for (const [ms, text] of table) assert.equal(duration(ms), text);
  });

  test('a confirmation says what was taken, what was not, and what is still open', () => {
    assert.equal(confirmationText([{ name: 'Sales', result: 'taken', by: 'ana' }], 0), 'Taken: Sales.');
    assert.equal(
      confirmationText(
        [
          { name: 'Sales', result: 'taken', by: 'ana' },
          { name: 'HR', result: 'taken', by: 'ana' },
          { name: 'Ops', result: 'already', by: 'lead' },
        ],
        3,
      ),
      '2 taken: Sales, HR. Already taken by lead: Ops. Still open: 3.',
    );
  });

  test('a caller hears what became of the key', () => {
    assert.equal(spokenOutcome([{ name: 'Sales', result: 'taken', by: 'ana' }]), 'Acknowledged. Good night.');
    assert.equal(
      spokenOutcome([{ name: 'Sales', result: 'already', by: 'lead' }]),
      'Already taken by lead. Good night.',
    );
    assert.equal(spokenOutcome([]), 'This is over already. Good night.');
  });

  test('a notice asks for nothing', () => {
    const notice = {
      noticeId: 'e:1',
      incident: 'i',
      episode: 'e',
      by: null,
      facts: { ...sales, since: now - 42 * 60_000 },
    };
    assert.equal(
      noticeText({ ...notice, kind: 'recovered' }, now),
      'Sales is refreshing again after 42 min. Nothing to do.',
    );
    assert.equal(noticeText({ ...notice, kind: 'taken', by: 'lead' }, now), 'Sales was taken by lead. Nothing to do.');
    assert.equal(noticeText({ ...notice, kind: 'deleted' }, now), 'Sales was deleted in Tableau. Nothing to do.');
    assert.equal(
      noticeText({ ...notice, kind: 'not-rerun', why: 'Tableau takes no more refreshes for 29 min.' }, now),
      'Sales was not run again. Tableau takes no more refreshes for 29 min. It is still yours.',
    );
  });

  test('a page says why and how bad it is', () => {
    const known: Facts = {
      ...sales,
      cause: 'Snowflake refused the login.',
      inARow: 4,
      lastGoodAt: now - 3 * 86_400_000,
      nextRunAt: now + 2 * 3_600_000,
      downstreamWorkbooks: 12,
    };
    assert.equal(
      pageText(known, 7, now, 'whatsapp'),
      '[7] Workbook refresh failed: Sales\nProject Finance, owner Olga Owner, 12 min ago.\nSnowflake refused the login.\n' +
        '4th in a row; Tableau suspends the schedule at 5, data is 3 days old, 12 workbooks depend on it, next run in 2 h.\n' +
        'Reply ACK or 7 to take it, R 7 to run it again, DONE 7 if it is fixed.',
    );
    assert.match(
      spokenPage(known, now),
      /Snowflake refused the login\. 4th in a row; Tableau suspends the schedule at 5\.$/,
    );
  });

  test('however much is known, two SMS segments hold it, with the instructions', () => {
    const long = 'A very long sentence that says at great length why it failed '.repeat(10);
    for (const name of ['S', 'x'.repeat(300)]) {
      const known: Facts = {
        ...sales,
        name,
        project: 'p'.repeat(100),
        owner: 'o'.repeat(100),
        cause: long,
        url: `https://tableau.example.com/${'u'.repeat(90)}`,
        inARow: 4,
        lastGoodAt: now - 3 * 86_400_000,
        downstreamWorkbooks: 12,
      };
      const text = pageText(known, 99, now, 'sms');
      assert.ok(text.length <= 306, `${text.length} characters`);
      assert.match(text, /DONE 99 if it is fixed\.$/);
      assert.match(text, /A very long/);
    }
  });

  test('what cannot be refreshed is not offered to be run again', () => {
    const admin: Facts = { kind: 'user', name: 'ana', event: 'AdminPromoted', failures: 1, since: now };
    assert.match(pageText(admin, 3, now), /Reply ACK or 3 to take it, DONE 3 if it is fixed\.$/);
  });

  test('ordinals', () => {
    const said = [2, 3, 4, 11, 12, 21, 102].map(
      (inARow) => spokenPage({ ...sales, inARow }, now).match(/(\w+) in a row/)?.[1],
    );
    assert.deepEqual(said, ['2nd', '3rd', '4th', '11th', '12th', '21st', '102nd']);
  });
});
