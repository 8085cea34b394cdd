import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, webAddress } from '../../../src/api/pages/html.js';
import { shortTime, span } from '../../../src/api/pages/times.js';

test('a value adds no markup, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const { text } = html`<b title="${name}">${name}</b>`;
      assert.equal(text.match(/[<>]/g)?.length, 4);
      assert.equal(text.match(/"/g)?.length, 2);
    }),
  );
});

test('pieces and lists of pieces stand as they are, and nothing is nothing', () => {
  const rows = ['a<b', 'c'].map((name) => html`<li>${name}</li>`);
  const { text } = html`<ul>
    ${rows}${null}${undefined}${false}${0}
  </ul>`;
  assert.equal(text.replaceAll(/\s+/g, ''), '<ul><li>a&lt;b</li><li>c</li>0</ul>');
});

test('an object that only looks like a piece is no piece', () => {
  const forged: unknown = JSON.parse('{"text":"<script>"}');
  assert.throws(() => html`${forged as never}`);
});

test('only addresses of the web are links', () => {
  assert.equal(webAddress('https://tableau.example.com/#/workbooks/7'), 'https://tableau.example.com/#/workbooks/7');
  for (const wrong of ['javascript:alert(1)', ' https://x', 'data:text/html,x', '//x.example.com', '', null])
    assert.equal(webAddress(wrong), null);
});

test('times are in the reader’s zone, and name the day where it is another', () => {
  const now = Date.parse('2026-11-30T02:00:00Z');
  assert.equal(shortTime('2026-11-30T01:05:00Z', { now, zone: 'Europe/Berlin' }), '02:05');
  assert.equal(shortTime('2026-11-29T22:30:00Z', { now, zone: 'Europe/Berlin' }), 'Sun 29 Nov, 23:30');
  assert.equal(shortTime('2026-11-29T23:30:00Z', { now, zone: 'Europe/Berlin' }), '00:30');
});

test('spans are in words', () => {
  const spans = [40_000, 240_000, 7_200_000, 7_500_000, 259_200_000].map(span);
  assert.deepEqual(spans, ['40 s', '4 min', '2 h', '2 h 5 min', '3 days']);
});
