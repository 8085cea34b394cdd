import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts } from '../../../src/workflows/pager-contract.js';
import {
  confirmationText,
  listText,
  noticesText,
  noticeText,
  spokenOutcome,
} from '../../../src/workflows/pager/reply-texts.js';
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

describe('the texts of replies and notices', () => {
  test('a confirmation has what was taken, what was not, and what is still open', () => {
    const taken = { result: 'taken', by: 'ana', until: null, count: 1, names: ['Sales'] } as const;
    assert.equal(confirmationText([{ ...taken, names: ['Sales'] }], 0, now, 'sms'), 'Taken: "Sales".');
    const two = { ...taken, count: 2, names: ['Sales', 'HR'], until: now + 4 * 3_600_000 };
    const other = { ...taken, result: 'already', by: 'lead', names: ['Ops'] } as const;
    assert.equal(
      confirmationText([{ ...other, names: ['Ops'] }, two], 3, now, 'sms'),
      '2 taken: "Sales", "HR". Reminder in 4 h. Already taken by lead: "Ops". Still open: 3.',
    );
    const many = { ...taken, count: 500, names: ['Sales', 'HR', 'Ops'] };
    assert.equal(confirmationText([many], 0, now, 'sms'), '500 taken: "Sales", "HR", "Ops" and 497 more.');
  });

  test('the outcome of a key is a spoken sentence', () => {
    const taken = { result: 'taken', by: 'ana', until: null, count: 1, names: ['Sales'] } as const;
    assert.equal(spokenOutcome([{ ...taken, names: ['Sales'] }], now), 'Acknowledged. Good night.');
    assert.equal(spokenOutcome([{ ...taken, count: 12, names: [] }], now), 'Acknowledged. All 12 of them. Good night.');
    assert.equal(
      spokenOutcome([{ ...taken, result: 'already', by: 'lead', names: [] }], now),
      'Already taken by lead. Good night.',
    );
    assert.equal(spokenOutcome([], now), 'This is over already. Good night.');
  });

  test('a notice requests nothing', () => {
    const notice = { by: null, why: null, facts: { ...sales, since: now - 42 * 60_000 } };
    assert.equal(noticeText({ ...notice, kind: 'recovered' }, now), '"Sales" works again after 42 min. Nothing to do.');
    assert.equal(
      noticeText({ ...notice, kind: 'taken', by: 'lead' }, now),
      '"Sales" was taken by lead. Nothing to do.',
    );
    assert.equal(noticeText({ ...notice, kind: 'deleted' }, now), '"Sales" was deleted in Tableau. Nothing to do.');
    assert.equal(
      noticeText({ ...notice, kind: 'not-promised' }, now),
      '"Sales" is not late any more: what is promised of its data has changed. Nothing to do.',
    );
    const silent = 'It was refreshed 6 days ago, of which Tableau sent no event.';
    assert.equal(
      noticeText({ ...notice, kind: 'recovered', why: silent }, now),
      `"Sales" works again. ${silent} Nothing to do.`,
    );
    assert.equal(
      noticeText({ ...notice, kind: 'suspended' }, now),
      'Tableau has suspended the schedule of "Sales": it is not refreshed until somebody resumes it there.',
    );
    const why = 'Tableau has sent nothing for 7 days. It still fails there.';
    assert.equal(
      noticeText({ ...notice, kind: 'forgotten', why }, now),
      `"Sales" is not watched any more. ${why} A new failure pages again.`,
    );
    const promoted = { ...sales, kind: 'user', event: 'AdminPromoted' } as const;
    assert.equal(
      noticeText({ ...notice, kind: 'forgotten', facts: promoted, why: null }, now),
      '"Sales" is not watched any more. A new event pages again.',
    );
    assert.equal(
      noticeText({ ...notice, kind: 'not-rerun', by: null, why: 'Tableau takes no more refreshes for 29 min.' }, now),
      '"Sales" was not run again. Tableau takes no more refreshes for 29 min. It is still yours.',
    );
    assert.equal(
      noticeText({ ...notice, kind: 'not-rerun', by: 'lead', why: 'There is no extract.' }, now),
      '"Sales" was not run again. There is no extract. Taken by lead.',
    );
  });

  test('a list has ten lines, the count, and the next page', () => {
    const shown = Array.from({ length: 10 }, (_, n) => ({
      facts: { ...sales, name: `Item ${n}` },
      number: n + 1,
      isYours: n > 8,
    }));
    const text = listText(shown, 1, { open: 9, yours: 3 }, now, 'sms');
    assert.equal(text.split('\n').length, 12);
    assert.match(text, /^9 open, 3 yours\.\n\[1\] .*Item 0/);
    assert.match(text, /LIST 2 for more\.$/);
    assert.ok(fitsIn(text, 'sms'));
  });

  test('several notices are one text', () => {
    const recovered = {
      key: 1,
      channel: 'sms',
      kind: 'recovered',
      by: null,
      why: null,
      at: now,
      facts: sales,
    } as const;
    assert.equal(
      noticesText([recovered, { ...recovered, facts: { ...sales, name: 'HR' } }], 3, now, 'sms'),
      '2 working again: "Sales", "HR". Still open: 3.',
    );
  });
});
