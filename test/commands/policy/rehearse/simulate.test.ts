import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundled, leavingTimes } from '../../../../src/commands/policy/rehearse/count.js';
import { isAsleep } from '../../../../src/report/asleep.js';
import { quantile } from '../../../../src/report/spread.js';
import type { RecordedEpisode } from '../../../../src/history/recorded.js';
import { reallyHappened, rehearseEpisode } from '../../../../src/commands/policy/rehearse/simulate.js';
import { rehearse } from '../../../../src/commands/policy/rehearse/summary.js';
import { plannedPages } from '../../../../src/policy/explain.js';
import { readEscalation } from '../../../../src/policy/load.js';
import { day, minute, second, type Item } from '../../../../src/workflows/contract.js';

const head = `contacts:
  ana: { whatsapp: "+15550000001", phone: "+15550000001", timezone: Europe/Berlin, tableau: [ana] }
  ben: { phone: "+15550000002" }
  lead: { phone: "+15550000003" }
`;
/** What is in force. */
const present = readEscalation(
  'present.yaml',
  `${head}policies:
  default: { steps: [{ page: [ana], by: whatsapp, wait: 5m }, { page: [ana], by: call, wait: 5m }], repeat: 0 }
`,
);
const other = readEscalation(
  'other.yaml',
  `${head}policies:
  default: { steps: [{ page: [ben], by: sms, wait: 10m }, { page: [ana, lead], by: call, wait: 5m }], repeat: 0 }
  owners: { steps: [{ page: [owner], by: sms, wait: 10m }], repeat: 0 }
  first: { rerun: { attempts: 1, wait: 10m }, steps: [{ page: [ana], by: sms, wait: 10m }], repeat: 0 }
routes:
  - { events: ["*"], project: "Trials/**", ignore: not ours }
  - { events: ["*"], project: Owned, policy: owners }
  - { events: ["*"], project: Rerun, policy: first }
  - { events: ["*"], tags: [gold], policy: owners }
  - { events: ["*"], policy: default }
fallback: lead
`,
);

/** 03:00 in Berlin. */
const at = Date.parse('2026-11-10T02:00:00Z');
const now = at + 10 * day;
const item: Item = { kind: 'workbook', luid: 'w1', name: 'Sales', site: 's1' };

function episode(more: Partial<RecordedEpisode> = {}): RecordedEpisode {
  return {
    incident: 'refresh:s1:w1',
    item,
    event: 'WorkbookRefreshFailed',
    at,
    policy: 'default',
    hasRerun: false,
    rounds: [{ at, silencedAt: null }],
    pages: [
      { id: 'e-1.1', contact: 'ana', by: 'whatsapp', requestedAt: at, sentAt: at + second, round: 0 },
      { id: 'e-1.2', contact: 'ana', by: 'call', requestedAt: at + 5 * minute, sentAt: at + 5 * minute, round: 0 },
    ],
    answers: [],
    end: null,
    reported: 1,
    project: 'Finance',
    tags: [],
    failures: 1,
    ...more,
  };
}
function withoutTags(): RecordedEpisode {
  const one = episode();
  delete one.tags;
  return one;
}
const answer = (afterMs: number, contact: string | null = 'ana') => ({ at: at + afterMs, contact, round: 0 });
const recovered = (afterMs: number) => ({ at: at + afterMs, how: 'recovered' as const, byAnswer: false });

/** `ben sms 0m, ana call 10m`; who took it after how many minutes. */
function inShort(one: RecordedEpisode, escalation = other): string {
  const { policy, ignore, pages, taken, assumed } = rehearseEpisode(escalation, one, now);
  return [
    policy ?? `nobody (${ignore})`,
    ...pages.map((page) => `${page.contact} ${page.by} ${(page.at - at) / minute}`),
    ...taken.map(({ contact, afterMs }) => `taken by ${contact ?? 'a script'} ${Math.round(afterMs / minute)}`),
    ...assumed,
  ].join(', ');
}
/** The last page goes to the fallback of the file. */
const all = 'ben sms 0, ana call 10, lead call 10, lead sms 15';

describe('an episode under another file', () => {
  for (const [what, one, expected] of [
    ['pages everybody whom nobody answers', episode(), `default, ${all}`],
    ['ends when it really recovered', episode({ end: recovered(8 * minute) }), 'default, ben sms 0'],
    ['pages nobody after it ended', episode({ end: recovered(0) }), 'default'],
    [
      'has the answer of the same person as long after their first page',
      episode({ answers: [answer(3 * minute)], end: recovered(60 * minute) }),
      'default, ben sms 0, ana call 10, lead call 10, taken by ana 13',
    ],
    [
      'recovers before that person would have answered',
      episode({ answers: [answer(3 * minute)], end: recovered(12 * minute) }),
      'default, ben sms 0, ana call 10, lead call 10',
    ],
    [
      'has no answer where that person would not be paged',
      episode({ project: 'Owned', tags: [], answers: [answer(3 * minute)] }),
      'owners, lead sms 0, lead sms 10, otherPeople, owner',
    ],
    [
      'is ended by an answer when that would come',
      episode({
        answers: [answer(3 * minute)],
        end: { at: at + 3 * minute, how: 'resolved', byAnswer: true },
      }),
      'default, ben sms 0, ana call 10, lead call 10, taken by ana 13',
    ],
    [
      'has the answer of a script when it came',
      episode({ answers: [answer(2 * minute, null)] }),
      'default, ben sms 0, taken by a script 2',
    ],
    ['is ignored by a route', episode({ project: 'Trials/Old' }), 'nobody (not ours)'],
    ['is said to be undecided', withoutTags(), `default, ${all}, undecided`],
    ['pages the owner who was found', episode({ project: 'Owned', owner: 'ana' }), 'owners, ana sms 0, lead sms 10'],
    ['says where a rerun was not done', episode({ project: 'Rerun' }), 'first, ana sms 0, lead sms 10, rerun'],
    [
      'begins after the rerun that was done',
      episode({
        project: 'Rerun',
        hasRerun: true,
        pages: [
          { id: 'e-1.1', contact: 'ana', by: 'sms', requestedAt: at + 4 * minute, sentAt: at + 4 * minute, round: 0 },
        ],
      }),
      'first, ana sms 4, lead sms 14',
    ],
    [
      'pages nobody where the rerun that was done sufficed',
      episode({ project: 'Rerun', hasRerun: true, pages: [], end: recovered(2 * minute) }),
      'first',
    ],
    [
      'has no end where a route had ignored it',
      episode({ pages: [], end: { at: at + second, how: 'ignored', byAnswer: false } }),
      `default, ${all}, end`,
    ],
    [
      'is silent where a silence held its pages back, and begins when the silence ended',
      episode({
        rounds: [
          { at, silencedAt: at + second },
          { at: at + 60 * minute, silencedAt: null },
        ],
        pages: [{ id: 'e-1.2', contact: 'ana', by: 'whatsapp', requestedAt: at + 60 * minute, sentAt: null, round: 1 }],
        end: recovered(65 * minute),
      }),
      'default, ben sms 60',
    ],
  ] as const satisfies readonly (readonly [string, RecordedEpisode, string])[])
    test(what, () => assert.equal(inShort(one), expected));

  test('has the pages that are planned for it where nobody answers', () => {
    for (const escalation of [present, other]) {
      const { pages } = rehearseEpisode(escalation, episode(), now);
      const policy = escalation.policies['default'];
      assert.ok(policy);
      const planned = plannedPages(escalation, policy, { at });
      assert.deepEqual(
        pages,
        planned.map(({ contact, by, at: when }) => ({ contact, by, at: when })),
      );
      assert.ok(pages.length >= 3);
    }
  });
});

test('what is low waits for the end of quiet hours, and is not paged where it is over before', () => {
  const low = readEscalation(
    'low.yaml',
    `${head.replace('timezone: Europe/Berlin', 'timezone: Europe/Berlin, quiet: { from: "22:00", to: "07:00" }')}policies:
  default: { severity: low, steps: [{ page: [ana], by: sms, wait: 10m }, { page: [ana], by: call, wait: 5m }] }
`,
  );
  assert.equal(inShort(episode(), low), 'default, ana sms 240, ana sms 250, ana sms 255');
  assert.equal(inShort(episode({ end: recovered(239 * minute) }), low), 'default');
  assert.equal(inShort(episode({ answers: [answer(6 * minute)] }), low), 'default, ana sms 240, taken by ana 246');
});

test('the time to answer begins after the rerun that was done', () => {
  const pages = [
    {
      id: 'e-1.1',
      contact: 'ana',
      by: 'sms' as const,
      requestedAt: at + 4 * minute,
      sentAt: at + 4 * minute,
      round: 0,
    },
  ];
  const one = episode({ project: 'Rerun', hasRerun: true, pages, answers: [answer(6 * minute)] });
  const expected = [{ contact: 'ana', afterMs: 2 * minute }];
  assert.deepEqual(reallyHappened(one).taken, expected);
  assert.deepEqual(rehearseEpisode(other, one, now).taken, expected);
});

describe('the counts', () => {
  const page = (minutes: number, contact = 'ana', by: 'sms' | 'call' = 'sms') => ({
    contact,
    by,
    at: at + minutes * minute,
  });

  test('estimate messages by the windows of the file', () => {
    const pages = [
      page(0),
      page(0),
      page(0.5),
      page(1.5),
      page(3),
      page(0, 'ben'),
      page(0, 'ana', 'call'),
      page(2, 'ana', 'call'),
    ];
    const short = bundled(pages, other.settings).map(
      (message) => `${message.contact} ${message.by} ${(message.at - at) / minute}`,
    );
    // What comes within a minute of the first goes with the next one; calls wait for three minutes.
    const expected = ['ana sms 0', 'ana sms 1', 'ana sms 2', 'ana sms 3', 'ben sms 0', 'ana call 0', 'ana call 3'];
    assert.deepEqual(short.toSorted(), expected.toSorted());
  });

  test('estimate one message where pages waited for the end of quiet hours, and two where they only come at the same moment', () => {
    const twice = [page(0), page(0)];
    const quiet = twice.map((one) => ({ ...one, wasQuiet: true as const }));
    assert.deepEqual([bundled(twice, other.settings).length, bundled(quiet, other.settings).length], [2, 1]);
    const leaves = leavingTimes([page(0), page(0.5), page(2)], other.settings);
    const minutes = [page(0), page(0.5), page(2)].map((one) => (leaves(one) - at) / minute);
    assert.deepEqual(minutes, [0, 1, 2]);
  });

  test('let whoever answers do so after the message that the page is in', () => {
    const one = episode({ answers: [answer(3 * minute)] });
    const afterMinutes = (lateMs: number) =>
      rehearseEpisode(other, one, now, (sent) => sent.at + lateMs).taken.map(({ afterMs }) =>
        Math.round(afterMs / minute),
      );
    assert.deepEqual([afterMinutes(0), afterMinutes(2 * minute)], [[13], [15]]);
  });

  test('know the sleep of a person by the quiet hours of the file, else as the night on their clock', () => {
    const contacts = readEscalation(
      'zones.yaml',
      `contacts:
  ana: { phone: "+15550000001", timezone: Europe/Berlin }
  ravi: { phone: "+15550000002", timezone: Asia/Kolkata }
  uma: { phone: "+15550000003" }
  quinn: { phone: "+15550000004", timezone: Europe/Berlin, quiet: { from: "23:00", to: "06:30" } }
policies: { default: { steps: [{ page: [ana, ravi, uma, quinn], by: sms, wait: 5m }] } }
`,
    );
    const asleep = (text: string) =>
      ['ana', 'ravi', 'uma', 'quinn', 'gone'].map((contact) => isAsleep(contacts, contact, Date.parse(text)));
    assert.deepEqual(asleep('2026-11-10T05:29:59Z'), [true, false, true, true, true]);
    assert.deepEqual(asleep('2026-11-10T05:59:59Z'), [true, false, true, false, true]);
    assert.deepEqual(asleep('2026-11-10T06:00:00Z'), [false, false, true, false, true]);
    assert.deepEqual(asleep('2026-11-10T07:00:00Z'), [false, false, false, false, false]);
    assert.deepEqual(asleep('2026-11-10T16:30:00Z'), [false, true, false, false, false]);
    assert.deepEqual(asleep('2026-11-10T21:00:00Z'), [true, true, false, false, false]);
    assert.deepEqual(asleep('2026-11-10T22:00:00Z'), [true, true, true, true, true]);
  });

  test('have median and 90th percentile by the nearest rank', () => {
    assert.deepEqual([quantile([], 0.5), quantile([7], 0.9), quantile([1, 2, 3, 4], 0.5)], [null, 7, 2]);
    const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    assert.deepEqual([quantile(ten, 0.5), quantile(ten, 0.9)], [5, 9]);
  });
});

describe('a rehearsal', () => {
  const month = [
    episode({ answers: [answer(6 * minute)], end: recovered(60 * minute) }),
    episode({
      incident: 'refresh:s1:w2',
      at: at + day,
      rounds: [{ at: at + day, silencedAt: null }],
      pages: [],
      end: { at: at + day, how: 'ignored', byAnswer: false },
    }),
    episode({ incident: 'refresh:s1:w3', project: 'Trials', end: recovered(20 * minute) }),
    episode({ incident: 'refresh:s1:w4', project: 'Owned', owner: 'ben', end: recovered(20 * minute) }),
  ];

  test('under the file in force counts what was', () => {
    const { before, after, assumed, changed } = rehearse(present, month.slice(0, 1), { now, prices: { call: 0.1 } });
    assert.deepEqual([before.sent, before.wakings, before.cost], [{ whatsapp: 1, sms: 0, call: 1 }, 2, 0.1]);
    assert.deepEqual(after.sent, before.sent);
    assert.deepEqual(after.answers, { count: 1, medianMs: 6 * minute - second, p90Ms: 6 * minute - second });
    assert.deepEqual(Object.values(assumed), [0, 0, 0, 0, 0]);
    assert.deepEqual(changed, { ignored: [], policy: [], unpaged: [] });
  });

  test('under another file names who is woken more or less, and which episodes change', () => {
    const { before, after, people, changed, episodes, assumed } = rehearse(other, month, { now, prices: {} });
    assert.equal(episodes, 4);
    assert.deepEqual([before.paged, before.unpaged, after.paged, after.unpaged], [3, 1, 3, 1]);
    assert.deepEqual([before.cost, after.cost], [null, null]);
    assert.equal(assumed.end, 1);
    const ana = people.find(({ contact }) => contact === 'ana');
    // Three episodes by WhatsApp, of which two at the same moment, and as many calls; then a call for each of two.
    assert.deepEqual(
      [ana?.before.sent, ana?.after.sent],
      [
        { whatsapp: 1, sms: 0, call: 1 },
        { whatsapp: 0, sms: 0, call: 2 },
      ],
    );
    assert.deepEqual(
      people.map(({ contact }) => contact),
      ['ana', 'ben', 'lead'],
    );
    assert.deepEqual(
      [changed.ignored, changed.policy, changed.unpaged].map((list) =>
        list.map(({ incident, policyBefore, policyAfter }) => [incident, policyBefore, policyAfter]),
      ),
      [
        [['refresh:s1:w3', 'default', null]],
        [
          ['refresh:s1:w4', 'default', 'owners'],
          ['refresh:s1:w2', null, 'default'],
        ],
        [],
      ],
    );
  });
});
