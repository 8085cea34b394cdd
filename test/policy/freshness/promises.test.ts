/** Freshness promises of the escalation file: what is read, and what is refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../../src/config/config-error.js';
import type { DailyDue } from '../../../src/policy/freshness/promise.js';
import { examine, readEscalation } from '../../../src/policy/load.js';
import { warningsIn } from '../../../src/policy/warnings/warnings.js';

const hour = 3_600_000;
const before = `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
  urgent: { steps: [{ page: [ana], by: call, wait: 5m }] }
freshness:
`;
const fileOf = (...promises: string[]): string => before + promises.map((text) => `  - ${text}\n`).join('');
const promisesOf = (...promises: string[]) => readEscalation('/etc/pager/e.yaml', fileOf(...promises)).freshness ?? [];
const promiseOf = (text: string) => {
  const [promise] = promisesOf(text);
  assert.ok(promise);
  return promise;
};

function problemsOf(text: string): string[] {
  try {
    readEscalation('e.yaml', text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}
const problemsWith = (...promises: string[]): string[] => problemsOf(fileOf(...promises));

describe('the promises of the file', () => {
  test('are read with their defaults', () => {
    const promises = promisesOf(
      '{ items: { project: "Finance/**" }, by: "07:00", days: [fri, mon, tue, wed, thu], timezone: Europe/Berlin, holidays: "holidays.ics", policy: urgent }',
      '{ items: { tag: gold }, maxAge: 26h, policy: default }',
      '{ items: "*", by: 06:00, timezone: Europe/Berlin, since: 2d, shadow: true }',
    );
    assert.deepEqual(
      promises.map(({ id: _id, ...promise }) => promise),
      [
        {
          items: { project: 'Finance/**' },
          due: {
            kind: 'by',
            minutes: 420,
            days: ['mon', 'tue', 'wed', 'thu', 'fri'],
            timezone: 'Europe/Berlin',
            sinceMs: 24 * hour,
            holidays: { address: '/etc/pager/holidays.ics', dates: [] },
          },
          policy: 'urgent',
          shadow: false,
        },
        { items: { tag: 'gold' }, due: { kind: 'age', maxAgeMs: 26 * hour }, policy: 'default', shadow: false },
        {
          items: {},
          due: {
            kind: 'by',
            minutes: 360,
            days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
            timezone: 'Europe/Berlin',
            sinceMs: 48 * hour,
          },
          policy: 'default',
          shadow: true,
        },
      ],
    );
    // They go to another thread and to Temporal as plain data.
    assert.deepEqual(structuredClone(promises), promises);
    assert.equal(readEscalation('e.yaml', before.replace('freshness:\n', '')).freshness, undefined);
  });

  test('have an id of what they say, which is the same on every machine', () => {
    const text = '{ items: { item: Sales }, by: "07:00", timezone: Europe/Berlin, days: [mon, tue], holidays: h.ics }';
    const { id } = promiseOf(text);
    assert.match(id, /^[0-9a-f]{16}$/);
    const elsewhere = readEscalation('/srv/e.yaml', fileOf(text)).freshness?.[0];
    assert.equal(elsewhere?.id, id);
    assert.equal(promiseOf(text.replace('[mon, tue]', '[tue, mon]').replace('}, by', '}, since: 24h, by')).id, id);
    const others = [
      text.replace('Sales', 'Orders'),
      text.replace('item:', 'tag:'),
      text.replace('07:00', '07:01'),
      text.replace('Berlin', 'Paris'),
      text.replace('[mon, tue]', '[mon]'),
      text.replace('h.ics', 'i.ics'),
      text.replace('}, by', '}, since: 25h, by'),
      text.replace('}, by', '}, policy: urgent, by'),
      text.replace('}, by', '}, shadow: true, by'),
      '{ items: { item: Sales }, maxAge: 7h }',
    ];
    assert.equal(new Set([id, ...others.map((other) => promiseOf(other).id)]).size, others.length + 1);
  });

  test('have holidays from an address on the internet, or from a file', () => {
    const addressOf = (holidays: string): string | undefined => {
      const { due } = promiseOf(`{ items: "*", by: "07:00", timezone: UTC, holidays: "${holidays}" }`);
      const daily: DailyDue | null = due.kind === 'by' ? due : null;
      return daily?.holidays?.address;
    };
    assert.deepEqual(['webcal://example.com/h.ics?key=1', '../h.ics', '/h.ics'].map(addressOf), [
      'https://example.com/h.ics?key=1',
      '/etc/h.ics',
      '/h.ics',
    ]);
  });

  test('are learned by a clock, without the holidays', () => {
    const text =
      '{ items: "*", learned: true, timezone: Europe/Berlin, holidays: h.ics, policy: urgent, shadow: true }';
    const { id, ...promise } = promiseOf(text);
    assert.deepEqual(promise, {
      items: {},
      due: { kind: 'learned', timezone: 'Europe/Berlin', holidays: { address: '/etc/pager/h.ics', dates: [] } },
      policy: 'urgent',
      shadow: true,
    });
    const others = [
      text.replace('Berlin', 'Paris'),
      text.replace(', holidays: h.ics', ''),
      text.replace('h.ics', 'i.ics'),
    ];
    assert.equal(new Set([id, ...others.map((other) => promiseOf(other).id)]).size, 4);
  });

  test('use the policies that they name', () => {
    const unusedIn = (...promises: string[]): string[] => {
      const { source, escalation } = examine('e.yaml', fileOf(...promises));
      const warnings = warningsIn(source.value, escalation, Date.parse('2026-11-29T12:00Z'));
      return warnings.map(({ text }) => text).filter((text) => text.includes('used by no route'));
    };
    assert.deepEqual(unusedIn('{ items: "*", maxAge: 1d }'), ['policy "urgent" is used by no route.']);
    assert.deepEqual(unusedIn('{ items: "*", maxAge: 1d, policy: urgent }'), []);
  });
});

describe('a promise is refused with its place', () => {
  const by = (more: string) => `{ items: "*", by: "07:00", timezone: UTC${more} }`;
  const cases: [what: string, promise: string, problems: string[]][] = [
    ['without a time', '{ items: "*" }', ['6:5: freshness[0] must have one of by, maxAge and learned.']],
    ['with both', by(', maxAge: 1d'), ['6:5: freshness[0] must have one of by, maxAge and learned.']],
    [
      'by a time without a zone',
      '{ items: "*", by: "07:00" }',
      ['6:5: freshness[0]: "timezone" is missing; it must be an IANA time zone, such as Europe/Berlin.'],
    ],
    [
      'with parts of by beside maxAge',
      '{ items: "*", maxAge: 1d, days: [mon], since: 1d, holidays: h.ics, timezone: UTC }',
      [
        '6:31: freshness[0].days belongs to by, and has no effect with maxAge.',
        '6:44: freshness[0].since belongs to by, and has no effect with maxAge.',
        '6:55: freshness[0].holidays belongs to by, and has no effect with maxAge.',
        '6:72: freshness[0].timezone belongs to by, and has no effect with maxAge.',
      ],
    ],
    [
      'with all of them',
      by(', maxAge: 1d, learned: true'),
      ['6:5: freshness[0] must have one of by, maxAge and learned.'],
    ],
    [
      'that is learned without a zone',
      '{ items: "*", learned: true }',
      ['6:5: freshness[0]: "timezone" is missing; it must be an IANA time zone, such as Europe/Berlin.'],
    ],
    [
      'that is learned, with parts of by',
      '{ items: "*", learned: true, timezone: UTC, days: [mon], since: 1d, holidays: h.ics }',
      [
        '6:49: freshness[0].days belongs to by, and has no effect with learned.',
        '6:62: freshness[0].since belongs to by, and has no effect with learned.',
      ],
    ],
    [
      'that is not learned',
      '{ items: "*", learned: false, timezone: UTC }',
      ['6:19: freshness[0].learned must be true: new data when the item usually has it.'],
    ],
    [
      'with an unknown policy',
      by(', policy: urgend'),
      ['6:47: freshness[0] names the policy "urgend", which is not there; did you mean "urgent"?'],
    ],
    [
      'with an unknown zone',
      '{ items: "*", by: "07:00", timezone: Europe/Berln }',
      ['6:32: freshness[0]: there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"?'],
    ],
    [
      'with an unknown key',
      by(', holiday: h.ics'),
      ['6:47: unknown key "holiday" in freshness[0]; did you mean "holidays"?'],
    ],
    [
      'with an unknown key of items',
      '{ items: { projct: Finance }, maxAge: 1d }',
      ['6:16: unknown key "projct" in freshness[0].items; did you mean "project"?'],
    ],
    [
      'with items that are neither all nor some',
      '{ items: Finance, maxAge: 1d }',
      ['6:7: freshness[0].items must be "*" for every item, or a map of item, project or tag.'],
    ],
    [
      'with items of no pattern',
      '{ items: {}, maxAge: 1d }',
      ['6:7: freshness[0].items must be "*" for every item, or a map of item, project or tag.'],
    ],
    [
      'with an empty pattern',
      '{ items: { tag: "" }, maxAge: 1d }',
      ['6:16: freshness[0].items.tag must be a tag; * stands for any letters.'],
    ],
    [
      'without items',
      '{ maxAge: 1d }',
      ['6:5: freshness[0]: "items" is missing; it must be "*" for every item, or a map of item, project or tag.'],
    ],
    [
      'by no time of day',
      '{ items: "*", by: "24:00", timezone: UTC }',
      ['6:19: freshness[0].by must be a time of day in quotes, such as "07:00".'],
    ],
    [
      'with a length out of bounds',
      by(', since: 15d'),
      ['6:47: freshness[0].since must be a duration from 1h to 14d, such as 90s, 5m or 1h30m.'],
    ],
    [
      'with an age out of bounds',
      '{ items: "*", maxAge: 4m }',
      ['6:19: freshness[0].maxAge must be a duration from 5m to 90d, such as 90s, 5m or 1h30m.'],
    ],
    [
      'with a shadow that is not true',
      by(', shadow: false'),
      ['6:47: freshness[0].shadow must be true: late items are reported, and nobody is paged.'],
    ],
    [
      'with a day that is none',
      by(', days: [mon, tues]'),
      ['6:59: freshness[0].days[1] must be one of mon, tue, wed, thu, fri, sat, sun.'],
    ],
    [
      'with holidays that are not encrypted',
      by(', holidays: "http://example.com/h.ics"'),
      [
        '6:47: freshness[0].holidays must be an https address or the path of a file, in iCalendar: http is not encrypted.',
      ],
    ],
    ['that is no map', 'Finance', ['6:5: freshness[0] must be a map of items, and by, maxAge or learned.']],
  ];
  for (const [what, promise, problems] of cases)
    test(what, () =>
      assert.deepEqual(
        problemsWith(promise),
        problems.map((problem) => `e.yaml:${problem}`),
      ),
    );

  test('that is there twice, however it is written', () => {
    const promise = (more = '') => by(`, days: [mon, tue]${more}`);
    assert.deepEqual(
      problemsWith(
        promise(),
        '{ items: "*", maxAge: 1d }',
        promise(', shadow: true').replace('mon, tue', 'tue, mon').replace('by:', 'since: 24h, by:'),
        promise(', holidays: h.ics'),
        '{ items: "*", maxAge: 24h, policy: urgent }',
        '{ items: "*", learned: true, timezone: UTC }',
        '{ items: "*", learned: true, timezone: UTC, shadow: true }',
      ),
      [
        'e.yaml:8:5: freshness[2] promises the same as freshness[0].',
        'e.yaml:10:5: freshness[4] promises the same as freshness[1].',
        'e.yaml:12:5: freshness[6] promises the same as freshness[5].',
      ],
    );
  });

  test('without a policy where there is no default', () => {
    const text = fileOf('{ items: "*", maxAge: 1d }', '{ items: "*", maxAge: 2d, policy: urgent }');
    const routes = 'routes: [{ events: ["*RefreshFailed"], policy: urgent }]\n';
    assert.deepEqual(problemsOf(text.replace('  default:', '  other:') + routes), [
      'e.yaml:6:5: freshness[0] names no policy, and there is no policy "default".',
    ]);
  });

  test('beyond the two hundredth', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => `{ items: { item: Sales ${index} }, maxAge: 1d }`);
    assert.deepEqual(problemsWith(...many(200)), []);
    assert.deepEqual(problemsWith(...many(201)), [
      'e.yaml:5:1: freshness must be a list of { items, by, maxAge or learned, … }, at least one and at most 200.',
    ]);
  });
});
