import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../../src/workflows/pager-contract.js';
import { bundleText, spokenBundle, type Entry } from '../../../src/workflows/pager/bundle-texts.js';
import { pageText, pageVariables, spokenPage } from '../../../src/workflows/pager/page-texts.js';
import { fitsIn } from '../../../src/workflows/words.js';

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

describe('the texts of pages and bundles', () => {
  test('a page has item, project, owner, age, number of failures, and how to answer', () => {
    assert.equal(
      pageText(sales, 7, now),
      '[7] Workbook refresh failed: "Sales"\nProject "Finance", owner "Olga Owner", 12 min ago, 3 failures.\n' +
        'Reply ACK or 7 to take it, R 7 to run it again, DONE 7 if it is fixed.',
    );
  });

  test('a page without details has the item and how to answer', () => {
    const bare: Facts = { kind: 'datasource', name: '99', event: 'DatasourceRefreshFailed', failures: 1, since: now };
    assert.equal(
      pageText(bare, 1, now),
      '[1] Data source refresh failed: "99"\nJust now.\nReply ACK or 1 to take it, R 1 to run it again, DONE 1 if it is fixed.',
    );
  });

  test('a long name is cut in the middle, the instructions never', () => {
    const text = pageText({ ...sales, name: `Start${'x'.repeat(500)}End` }, 42, now);
    assert.match(text, /"Startx+\.\.x+End"/);
    assert.match(text, /Reply ACK or 42 to take it, R 42 to run it again, DONE 42 if it is fixed\.$/);
    assert.ok(text.length <= 306, `${text.length} characters are more than two SMS segments`);
  });

  test('template variables are one line each and never empty', () => {
    const variables = pageVariables({ ...sales, name: 'Sales\n\tEMEA' }, 7, now);
    assert.deepEqual(Object.keys(variables), ['1', '2', '3']);
    for (const value of Object.values(variables)) assert.match(value, /^[^\n\t]+$/);
    assert.equal(variables['1'], 'Workbook refresh failed: "Sales EMEA"');
  });

  test('a call has a sentence', () => {
    assert.equal(
      spokenPage(sales, now),
      'This is a Tableau alert. The workbook Sales, in project Finance, failed to refresh 12 minutes ago.',
    );
  });

  test('a page has cause and severity', () => {
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
      '[7] Workbook refresh failed: "Sales"\nProject "Finance", owner "Olga Owner", 12 min ago.\nSnowflake refused the login.\n' +
        '4th in a row, Tableau may suspend its schedule, data is 3 days old, 12 workbooks depend on it, next run in 2 h.\n' +
        'Reply ACK or 7 to take it, R 7 to run it again, DONE 7 if it is fixed.',
    );
    assert.match(
      spokenPage(known, now),
      /Snowflake refused the login\. 4th in a row, Tableau may suspend its schedule\.$/,
    );
  });

  test('a page with every detail fits in two SMS segments, with the instructions', () => {
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

  test('a page for an item without a refresh does not offer a rerun', () => {
    const admin: Facts = { kind: 'user', name: 'ana', event: 'AdminPromoted', failures: 1, since: now };
    assert.match(pageText(admin, 3, now), /Reply ACK or 3 to take it, DONE 3 if it is fixed\.$/);
  });

  test('ordinals', () => {
    const spoken = [2, 3, 4, 11, 12, 21, 102].map(
      (inARow) => spokenPage({ ...sales, inARow }, now).match(/(\w+) in a row/)?.[1],
    );
    assert.deepEqual(spoken, ['2nd', '3rd', '4th', '11th', '12th', '21st', '102nd']);
  });

  const entries = (count: number, cause: (n: number) => string | undefined): Entry[] =>
    Array.from({ length: count }, (_, n) => {
      const why = cause(n);
      return {
        facts: { ...sales, name: `Item ${n}`, ...(why ? { cause: why } : {}) },
        number: n < (count <= 5 ? count : 3) ? n + 1 : null,
      };
    });

  test('a bundle has the count, the causes, the worst items, and how to take them', () => {
    const storm = entries(500, (n) => (n < 480 ? 'Snowflake login failed.' : 'Disk full.'));
    assert.equal(
      bundleText(storm, 'sms'),
      '500 failed refreshes open, 500 new.\n480: Snowflake login failed.\n20: Disk full.\n' +
        'Worst: [1] "Item 0", [2] "Item 1", [3] "Item 2".\nReply ALL to take them, LIST to see them.',
    );
  });

  test('a small bundle names every item, and no cause when none is known', () => {
    assert.equal(
      bundleText(
        entries(2, () => undefined),
        'whatsapp',
      ),
      '2 failed refreshes open, 2 new.\n[1] "Item 0", [2] "Item 1".\nReply ALL to take them, LIST to see them.',
    );
  });

  test('a bundle fits in two SMS segments in any script', () => {
    for (const letter of ['x', '\u{1F600}', '\u0416']) {
      const storm = entries(40, (n) => `${letter.repeat(80)} ${n % 9}`).map((entry) => ({
        ...entry,
        facts: { ...entry.facts, name: letter.repeat(90) },
      }));
      const text = bundleText(storm, 'sms');
      assert.ok(fitsIn(text, 'sms'), text);
      assert.match(text, /^40 failed refreshes open/);
      assert.match(text, /Reply ALL to take them, LIST to see them\.$/);
    }
  });

  test('a page in a script with short SMS segments fits, with its number and how to answer', () => {
    for (const letter of ['\u0416', '\u{1F600}', '\u4E2D']) {
      const text = pageText(
        { ...sales, name: letter.repeat(80), owner: letter.repeat(40), cause: letter.repeat(120) },
        42,
        now,
      );
      assert.ok(fitsIn(text, 'sms'), text);
      assert.match(text, /^\[42\]/);
      assert.match(text, /Reply ACK or 42/);
    }
  });

  test('typographic quotes are replaced, so that an SMS keeps its long segments', () => {
    assert.match(pageText({ ...sales, name: '\u201CSales\u201D \u2013 EMEA' }, 7, now), /'Sales' - EMEA/);
  });

  test('a run of a flow, written, shortened and spoken', () => {
    const { project: _project, owner: _owner, ...rest } = sales;
    const flow: Facts = {
      ...rest,
      kind: 'flow',
      event: 'FlowRunFailed',
      name: 'Clean orders',
      cause: 'Out of memory.',
    };
    assert.equal(
      pageText(flow, 7, now),
      '[7] Flow run failed: "Clean orders"\n12 min ago, 3 failures.\nOut of memory.\n' +
        'Reply ACK or 7 to take it, DONE 7 if it is fixed.',
    );
    assert.match(pageText({ ...flow, name: '\u4E2D'.repeat(80) }, 7, now), /^\[7\] Flow run failed: /);
    assert.match(
      spokenPage(flow, now),
      /^This is a Tableau alert\. A run of the flow Clean orders failed 12 minutes ago\. Out of memory\./,
    );
    const last: Facts = { ...flow, ended: { reached: true, paged: 'ana' } };
    assert.match(pageText(last, 7, now), /Only a new failure pages again\./);
  });

  test('a spoken bundle', () => {
    const spoken = spokenBundle(entries(12, (n) => (n < 10 ? 'Snowflake login failed.' : 'Disk full.')));
    assert.equal(
      spoken,
      'This is a Tableau alert. 12 failed refreshes are open, 12 of them new. 10 of them: Snowflake login failed. 2 of them: Disk full. ' +
        'Among them Item 0, Item 1, Item 2. Your key is for all of them.',
    );
  });
});
