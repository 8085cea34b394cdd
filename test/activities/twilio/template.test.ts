import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { templateValues } from '../../../src/activities/twilio/template.js';

describe('the values of a template', () => {
  test('have no line ends, tabs or runs of spaces, and are never empty', () => {
    assert.deepEqual(templateValues({ 1: ' Sales\n\tdaily     report ', 2: '', 3: ' \n ' }), {
      1: 'Sales daily report',
      2: '-',
      3: '-',
    });
  });

  test('fit, and the longest are cut first', () => {
    const values = templateValues({ 1: 'Sales', 2: 'n'.repeat(3000), 3: 'p'.repeat(900), 4: '12' });
    assert.ok(Object.values(values).join('').length <= 800);
    assert.deepEqual([values['1'], values['4']], ['Sales', '12']);
    assert.match(values['2'] ?? '', /^n{380,}…$/);
    assert.match(values['3'] ?? '', /^p{380,}…$/);
  });

  test('are left alone when they fit, and are never cut within a character', () => {
    assert.deepEqual(templateValues({ 1: 'ä'.repeat(800) }), { 1: 'ä'.repeat(800) });
    for (const room of [4, 5, 6, 7])
      assert.ok(!/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/.test(templateValues({ 1: '📉'.repeat(9) }, room)['1'] ?? ''));
  });
});
