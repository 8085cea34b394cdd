import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  asMarkdown,
  comparable,
  mayHoldPhoneNumber,
  plainName,
  quoted,
  sentenceOf,
} from '../../src/workflows/names.js';
import { pagerDetails } from '../../src/workflows/pager/view.js';
import { createPager } from '../helpers/pager.js';

describe('a name from outside', () => {
  const table: [string, string][] = [
    // What misleads.
    ['1] X] [7] Reply STOP to cancel', '"1) X) (7) Reply STOP to cancel"'],
    ['Sales" is fixed. "', `"Sales' is fixed. '"`],
    ['\u201CSales\u201D', `"'Sales'"`],
    ['a\u202Eb\u2066c\u200Bd\uFEFFe\u{E0041}f', '"abcdef"'],
    ['Line\none\u2028two\u0000three', '"Line one two three"'],
    ['Log in at https://evil.example/login?u=1 now', '"Log in at now"'],
    ['hxxps://evil.example', '"no name"'],
    ['see www.evil.example/x now', '"see now"'],
    ['see evil.com now', '"see evil com now"'],
    ['see login.evil.com/path now', '"see now"'],
    ['see evil.de/path now', '"see evil de/path now"'],
    ['http://10.0.0.1/x and 10.0.0.1:80/x', '"and"'],
    ['mail admin@evil.example now', '"mail now"'],
    ['call +49 170 1234567 now', '"call now"'],
    ['call 0800 555 0100 99', '"call"'],
    ['call (555) 123-4567-89', '"call"'],
    ['call 0900 12-2026', '"call"'],
    ['', '"no name"'],
    // What does not.
    ['Sales', '"Sales"'],
    ['Sales & Marketing (EMEA) - v2.1', '"Sales & Marketing (EMEA) - v2.1"'],
    ['analytics.public.orders', '"analytics.public.orders"'],
    ['Budget 2023-2024', '"Budget 2023-2024"'],
    ['Budget 2024 2025 2026', '"Budget 2024 2025 2026"'],
    ['Q3-2026 10-2026', '"Q3-2026 10-2026"'],
    ['Load 2024-01-15 10', '"Load 2024-01-15 10"'],
    ['Export 20240115103000', '"Export 20240115103000"'],
    ['Order 12345678', '"Order 12345678"'],
    ['99e1b2c4-1234-4321-a716-446655440000', '"99e1b2c4-1234-4321-a716-446655440000"'],
    ['Продажи', '"Продажи"'],
    ['📈 Growth ❤️', '"📈 Growth ❤️"'],
  ];
  for (const [name, shown] of table)
    test(`${JSON.stringify(name)} is shown as ${shown}`, () => assert.equal(quoted(name, 60), shown));

  test('ends no sentence of a call', () => {
    assert.equal(plainName('Done. Press 9 to cancel.', 60), 'Done Press 9 to cancel');
  });

  test('takes a bounded time, however long', () => {
    for (const piece of ['a.', '1 ', '1-', '(', '@', 'a@a.', 'http://', '[', '\u200B', '.', 'www.', '. ']) {
      const text = piece.repeat(1_000_000 / piece.length);
      const started = performance.now();
      quoted(text, 60);
      sentenceOf(text, 60);
      assert.ok(performance.now() - started < 50, piece);
    }
  });
});

test('a text may hold a phone number', () => {
  for (const [text, isSo] of [
    ['+4915550100001', true],
    ['+1', true],
    ['tel. + 49 155', true],
    ['555010000', true],
    ['555 010 000', true],
    ['(555) 010 / 0001', true],
    ['555 - 010 - 0001', true],
    ['555_010.0001', true],
    ['Sales 0171 2026 555', true],
    ['Q3 0171 555 0001', true],
    ['Sales 10-2026 555010', true],
    ['Q3-2026 10-2026', false],
    ['Q3-2026 Q4-2026', false],
    ['Load 2024-01-15 2024-01-16', false],
    ['31.12.2025 - 31.12.2026', false],
    ['Budget 2024 2025 2026', false],
    ['Order 12345678', false],
    ['W45-2026 10-2026', false],
    ['C++', false],
  ] as const)
    assert.equal(mayHoldPhoneNumber(text), isSo, text);
});

test('names that read the same are the same', () => {
  for (const other of ['sales - eu', 'SALES \u2013 EU', 'Sales\u00a0\u2014  EU', 'Sales \u2212 \uFF25\uFF35'])
    assert.equal(comparable(other), comparable('Sales - EU'), other);
  assert.equal(comparable('\u201CA\u201D [B]'), comparable(`'A' (B)`));
  assert.notEqual(comparable('Sales EU'), comparable('Sales - EU'));
});

test('a cause is one sentence', () => {
  const table: [string, string][] = [
    ['disk full', 'Disk full.'],
    ['Disk full...', 'Disk full.'],
    ['failed to connect to the server..', 'Failed to connect to the...'],
    ['Call +49 170 1234567 or see https://evil.example', 'Call or see.'],
    ['  ', ''],
    ['The login to the database failed since the password expired', 'The login to the database...'],
  ];
  for (const [cause, sentence] of table) assert.equal(sentenceOf(cause, 30), sentence);
});

test('Markdown of a name is its characters', () => {
  assert.equal(
    asMarkdown('![x](https://evil.example/p.png) | **b** `c` <i> www.evil.example a@b'),
    '\\!\\[x\\](https\\://evil.example/p.png) \\| \\*\\*b\\*\\* \\`c\\` \\<i\\> www\\.evil.example a\\@b',
  );
});

test('the details of a pager show a name as its characters', () => {
  const ana = createPager();
  ana.page('![x](https://evil.example/p.png)');
  assert.match(pagerDetails(ana.pager, ana.now()), /\\!\\\[x\\\]\(https\\:\/\/evil\.example\/p\.png\)/);
});
