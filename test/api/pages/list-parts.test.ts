import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageLinks } from '../../../src/api/pages/list-parts.js';

const words = { first: 'First page', next: 'Next page' };

test('the filters stay in the ways to the first and to the next page', () => {
  const query = { contact: 'ana', state: undefined, limit: '2' };
  const { text } = pageLinks('/incidents', { query, next: 'a.b', isFirst: false }, words);
  assert.match(text, /href="\/incidents\?contact=ana&amp;limit=2">First page/);
  assert.match(text, /href="\/incidents\?contact=ana&amp;limit=2&amp;cursor=a.b">Next page/);
});

test('a whole list without filters has no other page, and its address no empty query', () => {
  assert.doesNotMatch(pageLinks('/m', { query: {}, next: null, isFirst: true }, words).text, /<a/);
  assert.match(pageLinks('/m', { query: {}, next: null, isFirst: false }, words).text, /href="\/m">/);
});
