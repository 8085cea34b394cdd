import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasLinkPlace, linkPlace, linkSentence, withLink } from '../../src/workflows/link-place.js';

const link = 'https://pager.example.com/i/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

test('a place is as long as its link, so that a text which fits still fits', () => {
  assert.equal(linkPlace(link.length).length, link.length);
  const text = `[7] Sales\n${linkPlace(link.length)}\nReply ACK.`;
  assert.equal(withLink({ text }, link).text, `[7] Sales\n${link}\nReply ACK.`);
  assert.equal(withLink({ text }, link).text.length, text.length);
});

test('a worker that has no links leaves no place in a text', () => {
  const place = linkPlace(link.length);
  const body = { text: `[7] Sales\n${place}\nReply ACK.`, variables: { '2': `Known. ${linkSentence(place)} More` } };
  assert.ok(hasLinkPlace(body));
  assert.deepEqual(withLink(body, null), { text: '[7] Sales\nReply ACK.', variables: { '2': 'Known. More' } });
});

test('a link with the signs of a replacement stands as it is', () => {
  const odd = 'https://x.example/$&/i/$1';
  assert.equal(withLink({ text: linkPlace(40) }, odd).text, odd);
});
