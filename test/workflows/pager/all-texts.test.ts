import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pageTemplate } from '../../../src/twilio/page-template.js';
import { templateValues } from '../../../src/twilio/template.js';
import { noticeKinds, type Facts } from '../../../src/workflows/pager-contract.js';
import { bundleText, bundleVariables, spokenBundle } from '../../../src/workflows/pager/bundle-texts.js';
import { pageText, pageVariables, spokenPage } from '../../../src/workflows/pager/page-texts.js';
import {
  askWhichText,
  confirmationText,
  helpText,
  listText,
  noticesText,
  nothingOpenText,
  notKnownText,
  snoozedText,
  spokenOutcome,
  startedText,
  stoppedText,
  unknownNumberText,
} from '../../../src/workflows/pager/reply-texts.js';
import {
  codeText,
  lockedText,
  notMadeText,
  notPreparedText,
  whoFailedText,
  whoText,
  wrongCodeText,
} from '../../../src/workflows/pager/on-call-texts.js';
import { offCallText, onCallText, type HandedItem } from '../../../src/workflows/pager/hand-over-texts.js';
import type { PendingNotice } from '../../../src/workflows/pager/message-state.js';
import type { Outcome } from '../../../src/workflows/pager/reply-state.js';
import { textChannels } from '../../../src/workflows/channels.js';
import { hasLinkPlace, linkPlace, withLink } from '../../../src/workflows/link-place.js';
import { fitsIn } from '../../../src/workflows/words.js';

const now = Date.parse('2026-03-01T03:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

/** The same numbers in every run: a linear congruential generator. */
function createRandom(seed: number) {
  let state = seed;
  const below = (n: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * n);
  };
  return { below, pick: <T>(list: readonly T[]): T => list[below(list.length)] as T };
}
type Random = ReturnType<typeof createRandom>;

const names = [
  'Sales',
  'sales.',
  'Q1. Report.. final...',
  'Finance / Daily: revenue, cost & margin by region and product line (new)',
  'x'.repeat(200),
  'Продажи по регионам и продуктам за квартал',
  '売上レポート日次',
  '📈 Growth 📈',
  '1] X] [7] Reply STOP to cancel',
  'Log in at https://evil.example/login?u=1 now',
  'Call +49 170 1234567',
  'a\u202Eb\u200Bc',
  '"quoted" “twice”',
  '**bold** [link](http://x.example)',
  '',
  '   ',
  'Line\none',
];
const causes = [
  'Snowflake refused the login.',
  'disk full',
  'The login failed...',
  'failed to connect to the server..',
  'Timeout! Try again?',
  'Вход не выполнен, потому что пароль истёк.',
  'A very long sentence that says at great length why it failed '.repeat(4),
  'See https://internal.example/job/7 or mail admin@example.com.',
  'y'.repeat(150),
  '',
];

const maybe = <T>(random: Random, key: string, value: T): Record<string, T> =>
  random.below(2) === 0 ? {} : { [key]: value };

function anyFacts(random: Random): Facts {
  const [kind, event] = random.pick([
    ['workbook', 'WorkbookRefreshFailed'],
    ['datasource', 'DatasourceRefreshFailed'],
    ['user', 'AdminPromoted'],
    ['item', 'FlowRefreshFailed'],
    ['view', 'ViewDeleted'],
  ] as const);
  return {
    kind,
    event,
    name: random.pick(names),
    failures: random.pick([1, 2, 7, 1_000]),
    since: now - random.pick([0, 30_000, minute, 12 * minute, 5 * hour, 72 * hour]),
    ...maybe(random, 'project', random.pick(names)),
    ...maybe(random, 'owner', random.pick(names)),
    ...maybe(random, 'cause', random.pick(causes)),
    ...maybe(random, 'rerunFailed', random.pick(causes)),
    ...maybe(random, 'rerunIsYours', true),
    ...maybe(random, 'ended', {
      reached: random.below(2) === 0,
      paged: random.pick(['ana', 'ana, data-lead and 3 more']),
    }),
    ...maybe(random, 'url', `https://tableau.example.com/#/site/x/workbooks/${'7'.repeat(random.below(80) + 1)}/views`),
    ...maybe(random, 'inARow', random.pick([1, 2, 3, 4, 5, 11, 22])),
    ...maybe(random, 'lastGoodAt', now - random.pick([minute, 26 * hour, 90 * 24 * hour])),
    ...maybe(random, 'nextRunAt', now + random.pick([-hour, minute, 24 * hour])),
    ...maybe(random, 'downstreamWorkbooks', random.pick([0, 1, 12])),
  };
}

const quotes = /"[^"\n]*"/g;
const links = /https:\/\/tableau\.example\.com\/\S+/g;
const numbers = /\[\d+\]/g;

/** What every text of ours keeps to, once names in quotes and links to Tableau are taken out. */
function assertWellFormed(text: string): void {
  assert.doesNotMatch(text, /\bundefined\b|\bnull\b|NaN|\b1 times\b|\b1 failures\b/, text);
  const ours = text.replace(quotes, 'Name').replace(links, 'Link').replace(numbers, 'N');
  assert.doesNotMatch(ours, /[\u202A-\u202E\u200B-\u200F]/, text);
  assert.doesNotMatch(ours, /https?:|@|\+49|[[\]"]/, text);
  for (const line of ours.split('\n')) {
    assert.doesNotMatch(line, / {2}|^ | $| [.,;:!?]/, `spaces: ${text}`);
    // Three make the mark of a cut. One that cuts the middle of a word has two, with letters around it.
    assert.doesNotMatch(line, /(?<![.])\.\.(?![.])(?!\S)|\.{4}|[!?;:,]\.|\.[!?;:,]/, `two ends: ${text}`);
    for (const sentence of line.split(/(?<=[.!?]) /))
      assert.match(sentence, /^[\p{Lu}\p{Lo}\p{N}\p{S}]/u, `capital: ${text}`);
  }
}

/** And a line that is a sentence, or a list of them, ends as one. */
const assertEnds = (text: string): void => {
  for (const line of text.split('\n')) assert.match(line, /[.!?]$/, `end: ${text}`);
};

const isHeadOrLink = (line: string): boolean => /^\[\d+\] |^https:/.test(line);
const sentencesOf = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !isHeadOrLink(line))
    .join('\n');

/** With a public address of 20 to 60 characters. */
const anyLink = (random: Random): string => `https://${'p'.repeat(8 + random.below(41))}.com/i/${'aB3_-xYz'.repeat(4)}`;

const anyCounts = (random: Random, least: number) => {
  const open = least + random.pick([0, 1, 29]);
  const recovered = maybe(random, 'recovered', random.pick([1, 2, 5_000]));
  return { open, fresh: random.below(open + 1), allRefreshes: random.below(2) === 0, ...recovered };
};

const runs = 500;

function forAll(what: string, check: (random: Random) => void): void {
  test(what, () => {
    for (let run = 0; run < runs; run += 1) check(createRandom(run * 7_919 + 1));
  });
}

describe('of 500 combinations of facts', () => {
  forAll('a page begins, ends, fits and keeps its number and its instructions', (random) => {
    const facts = anyFacts(random);
    for (const channel of textChannels) {
      const text = pageText(facts, 42, now, channel, anyCounts(random, 1));
      assertWellFormed(text);
      assertEnds(sentencesOf(text));
      assert.ok(fitsIn(text, channel), text);
      assert.match(text, /^\[42\] /);
      assert.match(text, /\nReply ACK or 42\b.*\bDONE 42\b.*\.$/);
      assert.equal(/\bR 42\b/.test(text), facts.kind === 'workbook' || facts.kind === 'datasource', text);
    }
  });

  forAll(
    'a page with a link fits, has it on a line of its own unless its alphabet has no room, and keeps the rest',
    (random) => {
      const facts = anyFacts(random);
      const counts = anyCounts(random, 1);
      const link = anyLink(random);
      for (const channel of textChannels) {
        const made = { text: pageText(facts, 42, now, channel, counts, linkPlace(link.length)) };
        const { text } = withLink(made, link);
        assert.ok(fitsIn(text, channel), text);
        assert.match(text, /\nReply ACK or 42\b.*\bDONE 42\b.*\.$/);
        const rest = text.split('\n').filter((line) => line !== link);
        assertWellFormed(rest.join('\n'));
        assertEnds(sentencesOf(rest.join('\n')));
        // eslint-disable-next-line no-control-regex
        const isPlain = /^[\n -~]*$/.test(text);
        if (isPlain || channel === 'whatsapp') assert.equal(rest.length, text.split('\n').length - 1, text);
        // Where no link is known when it is sent, its line is not there.
        const { text: without } = withLink(made, null);
        assert.equal(without, rest.join('\n'));
      }
    },
  );

  forAll('a filled template with a link has it as a sentence, and is not cut', (random) => {
    const facts = anyFacts(random);
    const link = anyLink(random);
    const place = linkPlace(link.length);
    const entries = [facts, anyFacts(random), anyFacts(random)].map((one, n) => ({ facts: one, number: n + 57 }));
    for (const variables of [
      pageVariables(facts, 42, now, anyCounts(random, 1), place),
      bundleVariables(entries, anyCounts(random, 3), place),
    ]) {
      assert.ok(hasLinkPlace({ text: '', variables }));
      const linked = withLink({ text: '', variables }, link).variables ?? {};
      assert.deepEqual(templateValues(linked), linked);
      const text = pageTemplate.body.replace(/\{\{(\d)\}\}/g, (_, name: string) => linked[name] ?? '');
      assert.ok(text.includes(` Open ${link} to see it and to answer.`), text);
      assertWellFormed(text.replace(link, 'Link').replace(/^Tableau: |(?<=\n)What is known so far: /gm, ''));
      assertEnds(text);
      const none = withLink({ text: '', variables }, null).variables ?? {};
      assert.equal(hasLinkPlace({ text: '', variables: none }), false);
    }
  });

  forAll('a filled template begins, ends, has the link, and is not cut', (random) => {
    const facts = anyFacts(random);
    const variables = pageVariables(facts, 42, now, anyCounts(random, 1));
    assert.deepEqual(templateValues(variables), variables);
    const text = pageTemplate.body.replace(/\{\{(\d)\}\}/g, (_, name: string) => variables[name] ?? '');
    assertWellFormed(text.replace(/^Tableau: |(?<=\n)What is known so far: /gm, ''));
    assertEnds(text);
    if (facts.url) assert.ok(text.includes(`${facts.url} `), text);
  });

  forAll('a bundle begins, ends, fits and keeps its counts and its instructions', (random) => {
    const count = random.pick([2, 3, 5, 6, 40]);
    const entries = Array.from({ length: count }, (_, n) => ({
      facts: anyFacts(random),
      number: count <= 5 || n < 3 ? n + 57 : null,
    }));
    const counts = anyCounts(random, count);
    for (const channel of textChannels) {
      const text = bundleText(entries, channel, counts);
      assertWellFormed(text);
      assertEnds(text);
      assert.ok(fitsIn(text, channel), text);
      assert.match(text, new RegExp(`^${counts.open} (failed refreshes|alerts) open, ${counts.fresh} new\\.\n`));
      assert.match(text, /\nReply ALL to take them, LIST to see them\.$/);
      assert.match(text, /\[57\] /);
      const link = anyLink(random);
      const { text: linked } = withLink({ text: bundleText(entries, channel, counts, linkPlace(link.length)) }, link);
      assert.ok(fitsIn(linked, channel), linked);
      assert.match(linked, /\nReply ALL to take them, LIST to see them\.$/);
      if (channel === 'whatsapp') assert.ok(linked.includes(`\n${link}\n`), linked);
      assertEnds(linked.replace(`\n${link}`, ''));
    }
    const variables = bundleVariables(entries, counts);
    const text = pageTemplate.body.replace(/\{\{(\d)\}\}/g, (_, name: string) => variables[name] ?? '');
    assertWellFormed(text.replace(/^Tableau: |(?<=\n)What is known so far: /gm, ''));
    assertEnds(text);
    const spoken = spokenBundle(entries, counts);
    assertSpoken(spoken);
    assert.match(spoken, new RegExp(` ${counts.open} (failed refreshes|alerts) are open`));
  });

  forAll('a call has sentences without quotes, brackets and addresses', (random) => {
    assertSpoken(spokenPage(anyFacts(random), now, anyCounts(random, 1)));
  });

  forAll('a confirmation, a list and notices begin, end and fit', (random) => {
    const outcomes = Array.from({ length: random.below(4) + 1 }, () => anyOutcome(random));
    const entries = Array.from({ length: random.below(10) + 1 }, (_, n) => ({
      facts: anyFacts(random),
      number: n + 90,
      isYours: random.below(2) === 0,
    }));
    const notices = Array.from({ length: random.below(6) + 1 }, () => anyNotice(random));
    for (const channel of textChannels) {
      const confirmation = confirmationText(outcomes, random.below(3), now, channel);
      const list = listText(entries, 1, { open: 9, yours: random.below(3) }, now, channel);
      const noticed = noticesText(notices, random.below(3), now, channel);
      const handed = Array.from({ length: random.pick([1, 2, 5, 40]) }, (_, n) => anyHanded(random, n));
      const about = { schedule: random.pick(['data', 'd'.repeat(32)]), channel, items: handed, reader: 'ana' };
      const came = onCallText({ ...about, other: 'ben' });
      const left = offCallText({ ...about, other: random.pick(['ben', 'b'.repeat(32), null]) });
      for (const text of [came, left]) assertEnds(text);
      for (const text of [confirmation, list, noticed, came, left]) {
        assertWellFormed(text);
        assert.ok(fitsIn(text, channel), text);
      }
      assertEnds(confirmation);
      assertEnds(noticed);
    }
    assertSpoken(spokenOutcome(outcomes, now));
  });
});

function anyOutcome(random: Random): Outcome {
  const result = random.pick(['taken', 'already', 'resolved', 'rerunning', 'snoozed', 'closed'] as const);
  const count = random.pick([1, 2, 3, 500]);
  return {
    result,
    by: random.pick(['ana', 'lead', null, 'x'.repeat(200)]),
    until: random.pick([null, now + hour]),
    count,
    names: Array.from({ length: Math.min(count, 3) }, () => random.pick(names)),
    ...(result === 'closed' ? { how: random.pick(['recovered', 'resolved', 'deleted', 'cancelled'] as const) } : {}),
  };
}

const anyHanded = (random: Random, index: number): HandedItem => ({
  name: random.pick(names),
  number: index < 5 ? index + 95 : null,
  ...random.pick([
    { isTaken: false, by: null },
    { isTaken: true, by: 'ana' },
    { isTaken: true, by: 'ben' },
    { isTaken: true, by: 'x'.repeat(200) },
    { isTaken: true, by: null },
  ]),
});

const anyNotice = (random: Random): PendingNotice => ({
  key: random.below(1_000),
  channel: 'sms',
  kind: random.pick(noticeKinds),
  facts: anyFacts(random),
  by: random.pick(['ana', 'lead', null]),
  why: random.pick([null, 'Tableau takes no more refreshes for 29 min.', 'there is no extract', '']),
  at: now,
});

function assertSpoken(text: string): void {
  assertWellFormed(text);
  assertEnds(text);
  assert.doesNotMatch(text, /["[\]]|https?:/, text);
}

test('fixed texts begin, end and fit', () => {
  const choices = names.slice(0, 5).map((name, n) => ({ number: n + 95, name }));
  for (const text of [
    helpText,
    stoppedText('whatsapp', 0),
    stoppedText('whatsapp', 12),
    startedText,
    nothingOpenText,
    notKnownText,
    unknownNumberText(17),
    askWhichText('snooze', choices, 500),
    askWhichText('rerun', choices.slice(0, 1), 1),
    snoozedText(names.slice(0, 3), 500, now + hour, now),
    whoFailedText,
    notPreparedText,
    notMadeText,
    ...[0, 1, 2].map(wrongCodeText),
    lockedText(6 * hour),
    whoText({ sentences: [], count: 0 }, 'sms'),
    codeText(
      '4821',
      `put ${'b'.repeat(32)} on call (${'d'.repeat(32)}) from Fri 25 Dec 18:00 to Sat 26 Dec 09:00`,
      'sms',
    ),
  ]) {
    assertWellFormed(text);
    assertEnds(text);
    assert.ok(fitsIn(text, 'sms'), text);
  }
});

test('long names are shortened before project, owner and cause are dropped', () => {
  const long = (letter: string, length: number): string => `${letter.toUpperCase()}${letter.repeat(length - 1)}`;
  const facts: Facts = {
    kind: 'workbook',
    event: 'WorkbookRefreshFailed',
    name: long('n', 80),
    project: long('p', 40),
    owner: long('o', 40),
    cause: 'The password of the account has expired and has to be renewed by its owner.',
    failures: 3,
    since: now - 12 * minute,
    inARow: 4,
    url: 'https://tableau.example.com/#/workbooks/7',
  };
  const text = pageText(facts, 42, now, 'sms');
  for (const part of [/"Nn+\.\.n+"/, /Project "Pp+\.\.p+"/, /owner "Oo+\.\.o+"/, /The password of the account/])
    assert.match(text, part);
  assert.match(pageText({ ...facts, cause: 'Disk full.' }, 42, now, 'sms'), /https:\/\/tableau\.example\.com\/#/);
});

test('a page after a failed rerun says so, and why', () => {
  const facts: Facts = {
    kind: 'workbook',
    event: 'WorkbookRefreshFailed',
    name: 'Sales',
    failures: 2,
    since: now - 12 * minute,
    cause: 'Disk full.',
  };
  const after = { ...facts, rerunFailed: 'still no space on the disk' };
  assert.match(pageText(after, 7, now), /\nThe rerun failed: Still no space on the disk\.\n/);
  assert.match(spokenPage(after, now), / The rerun failed: Still no space on the disk\./);
  assert.match(pageVariables(after, 7, now)['2'] ?? '', /The rerun failed: Still no space on the disk$/);
  assert.match(pageText({ ...facts, rerunFailed: '' }, 7, now), /\nThe rerun failed: Disk full\.\n/);
  assert.notEqual(pageText(after, 7, now), pageText(facts, 7, now));
  const yours = { ...after, rerunIsYours: true } as const;
  assert.match(pageText(yours, 7, now), /\nYour rerun failed: Still no space on the disk\.\n/);
  assert.match(spokenPage(yours, now), / Your rerun failed: Still no space on the disk\./);
  assert.match(pageText({ ...yours, cause: '', rerunFailed: '' }, 7, now), /\nYour rerun failed\.\n/);
});

test('the last page of an escalation says that nobody answered, whom it paged and what comes next', () => {
  const facts: Facts = {
    kind: 'workbook',
    event: 'WorkbookRefreshFailed',
    name: 'Sales',
    failures: 1,
    since: now - 12 * minute,
    cause: 'Disk full.',
    ended: { reached: true, paged: 'ana, lead' },
  };
  const line = 'Nobody answered. Paged: ana, lead. Only a new failure pages again.';
  assert.equal(pageText(facts, 7, now).split('\n')[1], line);
  assert.match(pageText(facts, 7, now), /\nReply ACK or 7 to take it, R 7 to run it again, DONE 7 if it is fixed\.$/);
  assert.ok(spokenPage(facts, now).includes(` 12 minutes ago. ${line} Disk full.`));
  assert.ok(pageVariables(facts, 7, now)['2']?.startsWith(`${line} 12 min ago.`));
  const promoted: Facts = {
    ...facts,
    kind: 'user',
    event: 'AdminPromoted',
    ended: { reached: false, paged: 'ana' },
  };
  assert.match(pageText(promoted, 7, now), /\nNobody could be reached\. Paged: ana\. Only a new event pages again\.\n/);
  const long = { ...facts, name: 'N'.repeat(90), project: 'P'.repeat(90), cause: 'Why '.repeat(60) };
  assert.match(pageText(long, 7, now, 'sms'), /\nNobody answered\..*\nReply ACK or 7/s);
});

test('a bundle says how many of its items nobody answered for', () => {
  const one: Facts = {
    kind: 'workbook',
    event: 'WorkbookRefreshFailed',
    name: 'Sales',
    failures: 1,
    since: now,
    ended: { reached: true, paged: 'ana' },
  };
  const entries = [one, { ...one, name: 'HR' }, { ...one, name: 'People', ended: undefined }].map((facts, index) => {
    const { ended, ...others } = facts;
    return { number: index + 1, facts: ended === undefined ? others : { ...others, ended } };
  });
  assert.match(bundleText(entries, 'sms'), /^3 failed refreshes open, 3 new\.\nNobody answered for 2 of them\.\n/);
  assert.match(bundleText(entries.slice(0, 2), 'sms'), /\nNobody answered for them\.\n/);
  assert.match(bundleVariables(entries)['2'] ?? '', /^Nobody answered for 2 of them\. \[1\]/);
  assert.match(spokenBundle(entries), / of them new\. Nobody answered for 2 of them\. /);
});

test('the message that was first in the demo has one full stop, and the link', () => {
  const facts: Facts = {
    kind: 'workbook',
    event: 'WorkbookRefreshFailed',
    name: 'Sales',
    failures: 1,
    since: now,
    cause: 'Unable to connect to the server.',
    nextRunAt: now + 24 * hour,
    url: 'https://tableau.example.com/#/workbooks/7',
  };
  assert.equal(
    pageVariables(facts, 7, now)['2'],
    'Just now. Unable to connect to the server. Next run in 24 h. See https://tableau.example.com/#/workbooks/7 in Tableau',
  );
});
