import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createLinks, longestAddress } from '../../src/links/links.js';
import { createLinkTokens, tokenLength } from '../../src/links/token.js';

const tokens = createLinkTokens('a-secret-for-links');
const at = Date.parse('2026-03-01T03:00:07.250Z');
const target = { number: 17, incident: 'refresh:site:item', episode: 'episode-1', at };

const contacts = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/);
const targets = fc.record({
  number: fc.integer({ min: 0, max: 99 }),
  incident: fc.string({ maxLength: 600 }),
  episode: fc.string({ maxLength: 36 }),
  at: fc.integer({ min: 0, max: Date.parse('2105-01-01T00:00:00Z') }),
});

test('a token has 32 characters of an address, is always the same, and says its number and time', () => {
  fc.assert(
    fc.property(contacts, targets, (contact, one) => {
      const text = tokens.write(contact, one);
      assert.match(text, /^[\w-]{32}$/);
      assert.equal(text.length, tokenLength);
      assert.equal(tokens.write(contact, one), text);
      const read = tokens.read(text);
      assert.deepEqual([read?.number, read?.at], [one.number, Math.floor(one.at / 1_000) * 1_000]);
      assert.ok(read && tokens.isFor(read, contact, one));
      assert.deepEqual(tokens.contactsOf(read, ['ana', contact]).includes(contact), true);
    }),
  );
});

test('a token ends in a letter or digit, for phones cut off what else an address ends in', () => {
  const ends = Array.from({ length: 2_000 }, (_, n) => tokens.write('ana', { ...target, episode: `e-${n}` }).at(-1));
  assert.match(ends.join(''), /^[A-Za-z0-9]+$/);
  assert.equal(new Set(ends).size, 62);
});

test('a token is for one contact, incident, episode, number and time alone', () => {
  const read = tokens.read(tokens.write('ana', target)) ?? assert.fail();
  assert.equal(tokens.isFor(read, 'ana', target), true);
  assert.equal(tokens.isFor(read, 'ben', target), false);
  for (const other of [
    { incident: 'refresh:site:other' },
    { episode: 'episode-2' },
    { number: 18 },
    { at: at + 1_000 },
  ])
    assert.equal(tokens.isFor(read, 'ana', { ...target, ...other }), false);
  assert.deepEqual(tokens.contactsOf(read, ['ben', 'lead']), []);
});

test('no changed bit, no other secret and no guess gives a token', () => {
  const text = tokens.write('ana', target);
  const bytes = Buffer.from(text, 'base64url');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const read = tokens.read(changed.toString('base64url')) ?? assert.fail();
    assert.equal(tokens.isFor(read, 'ana', { ...target, number: read.number, at: read.at }), false);
  }
  const other = createLinkTokens('another-secret').read(text) ?? assert.fail();
  assert.equal(createLinkTokens('another-secret').isFor(other, 'ana', target), false);
  assert.deepEqual(createLinkTokens('another-secret').contactsOf(other, ['ana', 'ben', 'lead']), []);
});

test('what has not the form of a token is none', () => {
  const text = tokens.write('ana', target);
  for (const wrong of [
    '',
    text.slice(1),
    `${text}A`,
    `${text.slice(0, 31)}=`,
    `${text.slice(0, 31)}/`,
    'x'.repeat(4096),
  ])
    assert.equal(tokens.read(wrong), null);
});

test('a link is the address and the token, and no longer than it says', () => {
  const links = createLinks('a-secret-for-links', 'https://pager.example.com/hooks') ?? assert.fail();
  const link = links.of('ana', target);
  assert.match(link, /^https:\/\/pager\.example\.com\/hooks\/i\/[\w-]{32}$/);
  assert.equal(links.length, link.length);
  assert.equal(createLinks('a-secret-for-links', 'https://pager.example.com/~ana')?.length, link.length);
});

test('without a secret, and where the address is too long for an SMS, there are no links', () => {
  const long = `https://${'p'.repeat(longestAddress)}.example.com`;
  assert.equal(createLinks(undefined, 'https://pager.example.com'), null);
  assert.equal(createLinks('a-secret-for-links', long), null);
});
