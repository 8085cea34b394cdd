import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageTemplate } from '../../src/twilio/page-template.js';
import { templateValues } from '../../src/twilio/template.js';
import { parseReply } from '../../src/workflows/reply-parser.js';
import { pageVariables } from '../../src/workflows/pager/page-texts.js';

describe('the values of a template', () => {
  test('have no line breaks, tabs or repeated spaces, and are never empty', () => {
    assert.deepEqual(templateValues({ 1: ' Sales\n\tdaily     report ', 2: '', 3: ' \n ' }), {
      1: 'Sales daily report',
      2: '-',
      3: '-',
    });
  });

  test('are cut to 800 characters together, the longest first', () => {
    const values = templateValues({ 1: 'Sales', 2: 'n'.repeat(3000), 3: 'p'.repeat(900), 4: '12' });
    assert.ok(Object.values(values).join('').length <= 800);
    assert.deepEqual([values['1'], values['4']], ['Sales', '12']);
    assert.match(values['2'] ?? '', /^n{380,}…$/);
    assert.match(values['3'] ?? '', /^p{380,}…$/);
  });

  test('are unchanged when they fit, and are never cut within a character', () => {
    assert.deepEqual(templateValues({ 1: 'ä'.repeat(800) }), { 1: 'ä'.repeat(800) });
    for (const room of [4, 5, 6, 7])
      assert.ok(!/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(templateValues({ 1: '📉'.repeat(9) }, room)['1'] ?? ''));
  });
});

describe('our template', () => {
  const { body, samples, buttons } = pageTemplate;
  const fill = (values: Record<string, string>) =>
    body.replaceAll(/\{\{(\d)\}\}/g, (_, name: string) => values[name] ?? '');

  test('has a placeholder and a sample for every variable of a page', () => {
    const facts = { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 } as const;
    const names = Object.keys(pageVariables(facts, 7, 60_000));
    assert.deepEqual(
      [...body.matchAll(/\{\{(\d)\}\}/g)].map(([, name]) => name),
      names,
    );
    assert.deepEqual(Object.keys(samples), names);
  });

  test('is within the limits of WhatsApp with the longest values', () => {
    const filled = fill(templateValues({ 1: 'n'.repeat(2_000), 2: 'p'.repeat(2_000), 3: '99' }));
    assert.ok(filled.length <= 1_024 && filled.length > 850, `${filled.length}`);
    for (const { title } of buttons) assert.ok(title.length <= 20, title);
  });

  test('has buttons that parse as commands', () => {
    assert.deepEqual(
      buttons.map(({ id }) => parseReply(id)),
      [{ verb: 'acknowledge' }, { verb: 'rerun' }, { verb: 'resolve' }],
    );
  });
});
