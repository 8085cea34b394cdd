/** Episodes and messages as arbitrary values, for tests of sums over them. */
import fc from 'fast-check';
import type { Episodes, Messages, Progress } from '../../src/history/archive.js';
import type { RecordedEpisode } from '../../src/history/recorded.js';
import type { RecordedMessage } from '../../src/history/recorded-message.js';
import { endings } from '../../src/history/recorded.js';
import { channels, day, minute } from '../../src/workflows/contract.js';

export const now = Date.parse('2026-11-30T08:00:00Z');

const optional = <T>(name: string, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((one) => (one === undefined ? {} : { [name]: one }));

const contact = fc.constantFrom('ana', 'ben', 'lead');
const time = fc.integer({ min: now - 70 * day, max: now - 1 });

export const anEpisode: fc.Arbitrary<RecordedEpisode> = fc
  .record({
    n: fc.integer({ min: 1, max: 8 }),
    at: time,
    takenAfter: fc.option(fc.integer({ min: 0, max: 600 * minute })),
    endAfter: fc.option(fc.integer({ min: 0, max: 3 * day })),
    how: fc.constantFrom(...endings),
    by: fc.option(contact),
    pages: fc.integer({ min: 0, max: 3 }),
    more: fc.tuple(
      optional('project', fc.constantFrom('Finance', 'HR/Daily', '=cmd|calc')),
      optional('ownerName', fc.constantFrom('Olga', 'Otto')),
      optional('cause', fc.constantFrom('Login failed.', 'Timeout.')),
    ),
    policy: fc.constantFrom('default', 'low'),
  })
  .map(({ n, at, takenAfter, endAfter, how, by, pages, more, policy }) => ({
    incident: `refresh:s1:w${n}`,
    item: { kind: 'workbook', luid: `w${n}`, name: `Sales ${n}`, site: 's1' },
    event: 'WorkbookRefreshFailed',
    at,
    policy,
    hasRerun: false,
    reported: 1,
    rounds: [{ at, silencedAt: null }],
    pages: Array.from({ length: pages }, (_, index) => ({
      id: `e.${index}`,
      contact: 'ana',
      by: 'sms',
      requestedAt: at,
      sentAt: index === 0 ? at + 1_000 : null,
      round: 0,
    })),
    answers: takenAfter === null ? [] : [{ at: at + takenAfter, contact: by, round: 0 }],
    end: endAfter === null ? null : { at: at + endAfter, how, byAnswer: false },
    ...Object.assign({}, ...more),
  }));

export const aMessage: fc.Arbitrary<RecordedMessage> = fc
  .record({
    attempt: fc.uuid(),
    contact,
    channel: fc.constantFrom(...channels),
    at: time,
    isAccepted: fc.boolean(),
    isAnswered: fc.boolean(),
    carries: fc.integer({ min: 0, max: 2 }),
    segments: fc.integer({ min: 1, max: 2 }),
  })
  .map(({ isAccepted, isAnswered, carries, segments, ...message }) => ({
    ...message,
    sid: isAccepted ? `SM${message.attempt.replaceAll('-', '')}` : null,
    acceptedAt: isAccepted ? message.at : null,
    tries: 1,
    statuses: isAccepted && isAnswered ? [{ at: message.at, status: 'completed' }] : [],
    incidents: Array.from({ length: carries }, (_, n) => `refresh:s1:w${n}`),
    segments: message.channel === 'sms' ? segments : 1,
    answered: null,
  }));

export const allRead: Progress = { read: 1, of: 1, isCut: false, unreadable: 0, gone: 0, failed: 0, reason: undefined };
export const asEpisodes = (episodes: RecordedEpisode[], progress = allRead): Episodes => ({ episodes, ...progress });
export const asMessages = (messages: RecordedMessage[], progress = allRead): Messages => ({
  messages,
  names: new Map(),
  ...progress,
});
