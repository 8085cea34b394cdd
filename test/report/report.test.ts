import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RecordedEpisode } from '../../src/history/recorded.js';
import type { RecordedMessage } from '../../src/history/recorded-message.js';
import { readEscalation } from '../../src/policy/load.js';
import { periodsAt } from '../../src/report/periods.js';
import { reportCsv } from '../../src/report/report-csv.js';
import { reportOf } from '../../src/report/report.js';
import { ReportView } from '../../src/report/schema.js';
import { Value } from 'typebox/value';
import { day, hour, minute } from '../../src/workflows/contract.js';
import { aMessage, allRead, anEpisode, asEpisodes, asMessages, now } from './recorded.js';

const escalation = readEscalation(
  'e.yaml',
  `contacts:
  ana: { phone: "+15550000001", timezone: Europe/Berlin, quiet: { from: "23:00", to: "06:30" } }
  ben: { phone: "+15550000002", timezone: Asia/Kolkata }
  lead: { phone: "+15550000003" }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
prices: { currency: EUR, perSegment: 0.08, perCall: 0.02, perWhatsapp: 0.05 }
`,
);

const reported = (episodes: RecordedEpisode[], messages: RecordedMessage[] = [], more: object = {}) =>
  reportOf(
    { escalation, incidents: asEpisodes(episodes), pagers: asMessages(messages), keptMs: null, ...more },
    periodsAt(now, 30 * day, 'Europe/Berlin'),
    'Europe/Berlin',
  );

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((all, one) => all + of(one), 0);
const near = (a: number, b: number): boolean => Math.abs(a - b) < 0.01;

describe('the parts of a report add up to the whole', () => {
  const recorded = fc.tuple(fc.array(anEpisode, { maxLength: 60 }), fc.array(aMessage, { maxLength: 60 }));

  test('episodes by day, hour, project, owner, cause and policy', () => {
    fc.assert(
      fc.property(recorded, ([episodes, messages]) => {
        const { period, before, days, hours, projects, owners, causes, policies } = reported(episodes, messages);
        for (const parts of [days, hours, projects, owners, causes, policies])
          assert.equal(
            sum<{ episodes: number }>(parts, (one) => one.episodes),
            period.episodes,
          );
        for (const parts of [projects, owners, causes, policies]) {
          assert.equal(
            sum(parts, (one) => one.before ?? NaN),
            before?.episodes,
          );
          assert.equal(
            sum(parts, (one) => one.acknowledged),
            period.acknowledged,
          );
          assert.equal(
            sum(parts, (one) => one.failedAgain),
            period.failedAgain,
          );
          assert.equal(
            sum(parts, (one) => one.toRecover.count),
            period.recovered,
          );
        }
        assert.ok(period.acknowledged <= period.episodes && period.unanswered <= period.paged);
      }),
    );
  });

  test('messages, wakings, answers and cost by person', () => {
    fc.assert(
      fc.property(recorded, ([episodes, messages]) => {
        const { period, before, people, days, hours } = reported(episodes, messages);
        for (const channel of ['whatsapp', 'sms', 'call'] as const)
          assert.equal(
            sum(people, ({ sent }) => sent[channel]),
            period.sent[channel],
          );
        for (const parts of [people, days, hours])
          assert.equal(
            sum<{ wakings: number }>(parts, ({ wakings }) => wakings),
            period.wakings,
          );
        assert.equal(
          sum(people, ({ acknowledged }) => acknowledged),
          period.acknowledged,
        );
        assert.ok(
          near(
            sum(people, ({ cost }) => cost ?? NaN),
            period.cost ?? NaN,
          ),
        );
        assert.equal(
          sum(people, (one) => one.before?.wakings ?? NaN),
          before?.wakings,
        );
      }),
    );
  });

  test('the period and the one before it are what was since twice as long', () => {
    fc.assert(
      fc.property(recorded, ([episodes, messages]) => {
        const { period, before } = reported(episodes, messages);
        const since = episodes.filter(({ at, end }) => at >= now - 60 * day && end?.how !== 'ignored');
        assert.equal(period.episodes + (before?.episodes ?? NaN), since.length);
      }),
    );
  });

  test('and it has the form that the api documents, and a row in the CSV for each part', () => {
    fc.assert(
      fc.property(recorded, ([episodes, messages]) => {
        const made = reported(episodes, messages);
        assert.ok(Value.Check(ReportView, made), JSON.stringify(Value.Errors(ReportView, made)[0]));
        const lines = reportCsv(made).trimEnd().split('\r\n');
        const parts = [
          made.days,
          made.hours,
          made.projects,
          made.owners,
          made.causes,
          made.policies,
          made.people,
          made.again,
        ];
        assert.equal(lines.length, 4 + sum<readonly unknown[]>(parts, ({ length }) => length));
        for (const line of lines) assert.equal(line.replaceAll(/"(?:[^"]|"")*"/g, '').split(',').length, 19, line);
      }),
    );
  });
});

const episode = (at: number, more: Partial<RecordedEpisode> = {}): RecordedEpisode => ({
  incident: 'refresh:s1:w1',
  item: { kind: 'workbook', luid: 'w1', name: 'Sales', site: 's1' },
  event: 'WorkbookRefreshFailed',
  at,
  policy: 'default',
  hasRerun: false,
  reported: 1,
  rounds: [{ at, silencedAt: null }],
  pages: [],
  answers: [],
  end: null,
  ...more,
});
const sample: RecordedMessage = {
  attempt: 'a1',
  contact: 'lead',
  channel: 'sms',
  at: now,
  sid: null,
  acceptedAt: null,
  tries: 1,
  statuses: [],
  incidents: [],
  segments: 1,
  answered: null,
};
const recovered = (at: number) => ({ at, how: 'recovered' as const, byAnswer: false });

describe('a report', () => {
  test('gives the median and what 90 of 100 took, from the failure to the first answer and to the recovery', () => {
    const begin = now - 5 * day;
    const episodes = Array.from({ length: 10 }, (_, n) => {
      const at = begin + n * hour;
      return episode(at, {
        incident: `refresh:s1:w${n}`,
        answers: [{ at: at + (n + 1) * minute, contact: 'ana', round: 0 }],
        end: recovered(at + (n + 1) * 10 * minute),
      });
    });
    const { period, people } = reported(episodes);
    assert.deepEqual(period.toAcknowledge, { count: 10, medianSeconds: 300, p90Seconds: 540 });
    assert.deepEqual(period.toRecover, { count: 10, medianSeconds: 3_000, p90Seconds: 5_400 });
    assert.deepEqual(
      people.map(({ contact, acknowledged }) => [contact, acknowledged]),
      [['ana', 10]],
    );
  });

  test('counts what fails again within a day of its end, and names the item', () => {
    const at = now - 6 * day;
    const { period, again } = reported([
      episode(at, { end: recovered(at + hour) }),
      episode(at + hour + day, { end: recovered(at + 2 * hour + day) }),
      episode(at + 3 * day, { end: recovered(at + 3 * day + 1) }),
      episode(at, { incident: 'refresh:s1:other', end: recovered(at + hour) }),
    ]);
    assert.equal(period.failedAgain, 1);
    assert.deepEqual(
      again.map(({ item, times, lastAt }) => [item, times, Date.parse(lastAt)]),
      [['Sales', 1, at + hour + day]],
    );
  });

  test('takes no failure that a route ignored for a failure again', () => {
    const at = now - 6 * day;
    const ignored = { at: at + 3 * hour, how: 'ignored' as const, byAnswer: false };
    const { period, again } = reported([
      episode(at, { end: recovered(at + hour) }),
      episode(at + 2 * hour, { end: ignored }),
    ]);
    assert.deepEqual([period.episodes, period.ignored, period.failedAgain, again], [1, 1, 0, []]);
  });

  test('counts a message about a failure in quiet hours as a waking, and a confirmation as none', () => {
    const message = (at: string, more: Partial<RecordedMessage> = {}): RecordedMessage => ({
      ...sample,
      attempt: at,
      contact: 'ana',
      at: Date.parse(at),
      sid: 'SM1',
      acceptedAt: Date.parse(at),
      incidents: ['refresh:s1:w1'],
      segments: 2,
      ...more,
    });
    // Berlin is an hour ahead of UTC.
    const messages = [
      message('2026-11-29T22:00:00Z'),
      message('2026-11-29T21:59:00Z'),
      message('2026-11-29T23:00:00Z', { incidents: [] }),
      message('2026-11-29T23:10:00Z', { sid: null, acceptedAt: null }),
      message('2026-11-29T18:00:00Z', { contact: 'ben' }),
    ];
    const { people, lastNight, hours } = reported([], messages);
    assert.deepEqual(
      people.map(({ contact, wakings, cost }) => [contact, wakings, cost]),
      [
        ['ana', 1, 0.48],
        ['ben', 1, 0.16],
      ],
    );
    assert.equal(lastNight?.wakings, 1);
    assert.equal(hours[23]?.wakings, 1);
  });

  test('compares with nothing where Temporal does not keep that long, and says so', () => {
    const kept = (days: number) => reported([], [], { keptMs: days * day });
    assert.notEqual(kept(60).before, null);
    assert.equal(kept(45).before, null);
    assert.match(
      kept(45).notes.join(' '),
      /keeps what has ended for 45 days, so that there is nothing to compare with/,
    );
    assert.match(kept(1).notes.join(' '), /for 24 hours, so that what ended before is missing\. There is nothing/);
    assert.equal(kept(1).projects.length, 0);
  });

  test('shows no day as quiet that Temporal does not keep any more', () => {
    const { days, keptFrom } = reported([episode(now - 20 * day, { end: recovered(now - hour) })], [], {
      keptMs: 3 * day,
    });
    assert.deepEqual(
      days.map(({ date, episodes }) => [date, episodes]),
      [
        ['2026-11-10', 1],
        ['2026-11-28', 0],
        ['2026-11-29', 0],
        ['2026-11-30', 0],
      ],
    );
    assert.equal(keptFrom, '2026-11-27T08:00:00.000Z');
  });

  test('has each day of the period where the clocks go forward by two hours', () => {
    const to = Date.parse('2026-03-31T04:00:00Z');
    const { days } = reportOf(
      { escalation, incidents: asEpisodes([]), pagers: asMessages([]), keptMs: null },
      periodsAt(to, 7 * day, 'Antarctica/Troll'),
      'Antarctica/Troll',
    );
    assert.deepEqual(
      days.map(({ date }) => date.slice(8)),
      ['24', '25', '26', '27', '28', '29', '30', '31'],
    );
  });

  test('has no last night where that was not read, or is not kept any more', () => {
    assert.equal(reported([]).lastNight?.episodes, 0);
    for (const problem of [{ failed: 1 }, { unreadable: 1 }, { read: 0, of: null }, { read: 1, of: 2 }]) {
      const part = { ...allRead, ...problem };
      const { lastNight, before, isWhole } = reported([], [], { incidents: asEpisodes([], part) });
      assert.deepEqual([lastNight, before, isWhole], [null, null, false], JSON.stringify(problem));
      assert.equal(reported([], [], { pagers: asMessages([], part) }).lastNight, null, JSON.stringify(problem));
      const some = asEpisodes([episode(now - 4 * hour)], part);
      assert.equal(reported([], [], { incidents: some }).lastNight?.episodes, 1, 'what is known is shown');
    }
    // A confirmation says nothing of failures, and nor does a page that Twilio did not take.
    const confirmation = { ...sample, at: now - 4 * hour, acceptedAt: now - 4 * hour, sid: 'SM1', incidents: [] };
    const refused = { ...sample, at: now - 4 * hour, acceptedAt: null, sid: null, incidents: ['refresh:s1:w1'] };
    const unread = { incidents: asEpisodes([], { ...allRead, failed: 1 }) };
    for (const message of [confirmation, refused]) {
      assert.equal(reported([], [message], unread).lastNight, null);
      const earlier = { ...message, at: now - 40 * day };
      assert.equal(reported([], [earlier], unread).before, null);
    }
    const waking = { ...confirmation, incidents: ['refresh:s1:w1'] };
    assert.equal(reported([], [waking], unread).lastNight?.wakings, 1);
    // It began at 22:00 in Berlin, 11 h ago.
    assert.equal(reported([episode(now - 4 * hour)], [], { keptMs: 10 * hour }).lastNight, null);
    assert.equal(reported([], [], { keptMs: 11 * hour }).lastNight?.episodes, 0);
  });

  test('gives no zeros for a period of which nothing could be read', () => {
    const unread = reported([], [], { incidents: asEpisodes([], { ...allRead, failed: 1 }) });
    assert.deepEqual([unread.days, unread.hours], [[], []]);
    const [, ...rows] = reportCsv(unread).trimEnd().split('\r\n');
    assert.deepEqual(rows, [`"period","2026-10-31T08:00:00.000Z to 2026-11-30T08:00:00.000Z"${','.repeat(17)}`]);
    assert.equal(reported([]).hours.length, 24);
  });

  test('compares with nothing where there is more than is read, for what ended first is left out', () => {
    const incidents = asEpisodes([episode(now - 40 * day, { end: recovered(now - 39 * day) })], {
      ...allRead,
      isCut: true,
    });
    const { before, notes } = reported([], [], { incidents });
    assert.equal(before, null);
    assert.match(notes.join(' '), /There is nothing to compare with: not all of the time before is read\./);
  });

  test('shows no day as quiet of which incidents were left out', () => {
    const other = { incident: 'refresh:s1:other' };
    const incidents = asEpisodes(
      [
        episode(now - 25 * day, { end: recovered(now - 24 * day) }),
        episode(now - 4 * day, { end: recovered(now - 3 * day) }),
        episode(now - 5 * day, { ...other, end: recovered(now - 2 * day) }),
        episode(now - 20 * day, { incident: 'refresh:s1:open' }),
      ],
      { ...allRead, isCut: true },
    );
    // Of both that are over those were read that ended 3 days ago or later.
    assert.deepEqual(
      reported([], [], { incidents }).days.map(({ date, episodes }) => [date, episodes]),
      [
        ['2026-11-05', 1],
        ['2026-11-10', 1],
        ['2026-11-25', 1],
        ['2026-11-26', 1],
        ['2026-11-28', 0],
        ['2026-11-29', 0],
        ['2026-11-30', 0],
      ],
    );
    const open = asEpisodes([episode(now - 2 * day)], { ...allRead, isCut: true });
    assert.deepEqual(
      reported([], [], { incidents: open }).days.map(({ date }) => date),
      ['2026-11-28'],
      'more are open than are read',
    );
  });

  test('says so where it is not known for how long Temporal keeps anything', () => {
    assert.match(reported([]).notes.join(' '), /how long Temporal keeps what has ended is not known/);
  });

  test('says how far the reading is', () => {
    const part = { ...allRead, read: 1_240, of: 3_000 };
    const made = reported([], [], { incidents: asEpisodes([], part) });
    assert.equal(made.isComplete, false);
    assert.match(made.notes.join(' '), /1,240 of 3,000 incidents read/);
  });
});

describe('the last night', () => {
  const nightAt = (at: string, zone: string): string[] => {
    const { from, to } = periodsAt(Date.parse(at), day, zone).lastNight;
    return [from, to].map((time) => new Date(time).toISOString().slice(0, 16));
  };

  test('is 22:00 to 07:00 on the clock of the reader', () => {
    assert.deepEqual(nightAt('2026-11-30T08:00:00Z', 'Europe/Berlin'), ['2026-11-29T21:00', '2026-11-30T06:00']);
    assert.deepEqual(nightAt('2026-11-30T20:00:00Z', 'Asia/Kolkata'), ['2026-11-30T16:30', '2026-11-30T20:00']);
  });

  test('is longer where the clocks go back, and shorter where they go forward', () => {
    assert.deepEqual(nightAt('2026-10-25T08:00:00Z', 'Europe/Berlin'), ['2026-10-24T20:00', '2026-10-25T06:00']);
    assert.deepEqual(nightAt('2026-03-29T08:00:00Z', 'Europe/Berlin'), ['2026-03-28T21:00', '2026-03-29T05:00']);
  });
});

test('a name that a spreadsheet would run is a text in the CSV', () => {
  const cells = {
    '=cmd|calc': `'=cmd|calc`,
    '+1': `'+1`,
    '-2': `'-2`,
    '@sum': `'@sum`,
    '\t=1': `'\t'=1`,
    '＝1': `'＝1`,
    'a; =1': `a;' =1`,
    'b\n=1': `b\n'=1`,
    '"=1': `'"=1`,
    ' "" +1': `' "" +1`,
    "'-1": `''-1`,
    '“=1': `'“=1`,
    'c";"=1': `c";'"=1`,
    'd", =1': `d",' =1`,
    'e\n"\t"=1': `e\n"\t'"=1`,
    'a "quoted", name\nin two lines': 'a "quoted", name\nin two lines',
    'Sales "EU" - daily': 'Sales "EU" - daily',
    'Sales - daily': 'Sales - daily',
  };
  const names = Object.keys(cells);
  const made = reported(names.map((project, n) => episode(now - hour, { incident: `refresh:s1:${n}`, project })));
  const csv = reportCsv(made);
  for (const cell of Object.values(cells)) assert.ok(csv.includes(`"${cell.replaceAll('"', '""')}"`), cell);
  assert.doesNotMatch(csv, /(?:^|,)"*[=+@]/m);
});
