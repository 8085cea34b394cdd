/** A pager that continues as new hands over less than a payload holds, whatever a night brought, and nothing that is open or owed is lost. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../../src/workflows/contract.js';
import { type Answering, type Facts, type PageSignal } from '../../../src/workflows/pager-contract.js';
import { packWithin, sizeBytes } from '../../../src/workflows/pager/bounded-state.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import { dropUnwanted } from '../../../src/workflows/pager/outbox.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { prune } from '../../../src/workflows/pager/prune.js';
import { newPager, stateOf, type PagerState } from '../../../src/workflows/pager/state.js';
import { processorMs } from '../../hostile-text/processor-ms.js';
import { createPager } from '../../helpers/pager.js';

type Ana = ReturnType<typeof createPager>;
/** What Temporal takes is 2 MB. */
const maxBytes = 1_500_000;
const uuid = (n: number): string => `${String(n).padStart(8, '0')}-aaaa-bbbb-cccc-dddddddddddd`;
const incidentOf = (n: number): string => `refresh:${uuid(1)}:${uuid(n)}`;
const factsOf = (ana: Ana, n: number): Facts => ({
  kind: 'workbook',
  event: 'WorkbookRefreshFailed',
  failures: 1,
  since: ana.now(),
  name: `Quarterly revenue of region ${n}`,
  project: 'Finance/Daily/Revenue',
  owner: 'Olga Ownerson',
  cause: `Snowflake refused the login because the password of account ${n} has expired.`,
  url: `https://tableau.example.com/#/site/finance/workbooks/${n}`,
  inARow: 3,
});
const about = (n: number) => ({ incident: incidentOf(n), episode: `${uuid(n)}-1` });
/** Pages for items from one number up to below another. */
function pageAll(ana: Ana, from: number, to: number, page = 1, more: Partial<PageSignal> = {}): void {
  for (let n = from; n < to; n += 1) {
    const { incident, episode } = about(n);
    const pageId = `${episode}.${page}`;
    ana.input({
      type: 'page',
      page: { incident, pageId, channel: 'whatsapp', facts: factsOf(ana, n), waitMs: 5 * minute, ...more },
    });
  }
}
function settleAll(ana: Ana, from: number, to: number, how: 'recovered' | 'acknowledged'): void {
  for (let n = from; n < to; n += 1)
    ana.input({ type: 'withdraw', withdrawal: { ...about(n), upTo: 1, settled: { how, by: 'lead' } } });
  dropUnwanted(ana.pager, ana.now());
}
/** What the next run begins with. */
function carried(ana: Ana, limit?: number): { bytes: number; state: PagerState } {
  const packed = packWithin(stateOf(ana.pager), limit);
  const json = JSON.stringify(packed);
  const defaults = newPager('nobody', ana.pager.settings, 'other');
  return { bytes: Buffer.byteLength(json), state: unpackPager(defaults, JSON.parse(json) as typeof packed) };
}
function memoOf(ana: Ana): Record<string, unknown> {
  const effects = pagerMachine.advance(ana.pager, { now: ana.now(), draining: true });
  return effects.find((effect) => effect.type === 'memo')?.memo ?? {};
}
const isOpen = ({ settled }: PagerState['items'][number]): boolean => settled === null;
const openKeys = ({ items }: PagerState): number[] => items.filter(isOpen).map(({ key }) => key);

describe('what a pager hands over', () => {
  test('is the whole state while that is small', () => {
    const ana = createPager();
    pageAll(ana, 0, 50);
    ana.sends('whatsapp');
    assert.deepEqual(packWithin(stateOf(ana.pager)), packPager(stateOf(ana.pager)));
  });

  test('fits after an outage of four tries with 3,000 pages, each with one report that it is held', () => {
    const ana = createPager();
    pageAll(ana, 0, 3_000);
    for (let turn = 0; turn < 4; turn += 1) {
      ana.fails(ana.begin('whatsapp'), 'outage', '503');
      ana.later(minute);
    }
    assert.equal(ana.pager.reports.length, 3_000);
    const { bytes, state } = carried(ana);
    assert.ok(bytes < maxBytes, `${bytes} bytes`);
    assert.equal(openKeys(state).length, 3_000);
    assert.deepEqual(state.outbox, ana.pager.outbox);
    assert.deepEqual(state.reports, ana.pager.reports);
  });

  test('fits with 6,000 items that are acknowledged, and with what is open beside them', () => {
    const ana = createPager();
    pageAll(ana, 0, 6_000);
    settleAll(ana, 0, 6_000, 'acknowledged');
    pageAll(ana, 6_000, 6_500);
    prune(ana.pager, ana.now());
    assert.ok(sizeBytes(packPager(stateOf(ana.pager))) > 1_800_000);
    const { bytes, state } = carried(ana);
    assert.ok(bytes < maxBytes, `${bytes} bytes`);
    assert.deepEqual(openKeys(state), openKeys(stateOf(ana.pager)));
    assert.deepEqual(state.held, ana.pager.held);
    assert.equal(state.items.length, 6_500, 'to shorten their texts is enough');
  });

  test('fits when 8,000 pages fail in an outage', () => {
    const ana = createPager();
    pageAll(ana, 0, 8_000);
    ana.fails(ana.begin('whatsapp'), 'outage', '503');
    const { bytes, state } = carried(ana);
    assert.ok(bytes < maxBytes, `${bytes} bytes`);
    assert.equal(openKeys(state).length, 8_000);
    assert.deepEqual(state.outbox, ana.pager.outbox);
  });

  test('fits with 6,000 pages that wait for the end of quiet hours', () => {
    const ana = createPager();
    const quietUntil = ana.now() + 8 * hour;
    pageAll(ana, 0, 6_000, 1, { keepsQuietHours: true, quietUntil, others: ['ben', 'lead'] });
    settleAll(ana, 5_000, 6_000, 'recovered');
    const { bytes, state } = carried(ana);
    assert.ok(bytes < maxBytes, `${bytes} bytes`);
    assert.deepEqual(state.held, ana.pager.held);
    assert.deepEqual([state.held.length, state.recovered[0]?.count], [5_000, 1_000]);
    assert.ok(sizeBytes(packPager(state).held) < 400_000);
  });

  test('fits with its memo while one ALL is on its way to 5,000 incidents, and no answer is lost', () => {
    const ana = createPager();
    pageAll(ana, 0, 5_000);
    ana.sends('whatsapp');
    ana.dropReports();
    ana.replies('ALL', { replyId: `SM${'0'.repeat(32)}` });
    const memo = memoOf(ana);
    const { bytes, state } = carried(ana);
    // A continue-as-new carries both, and Temporal takes 2 MB.
    assert.ok(bytes + sizeBytes(memo) < 1_800_000, `${bytes} bytes, and ${sizeBytes(memo)} of memo`);
    assert.deepEqual(state.answers, ana.pager.answers);
    assert.equal(state.answers.length, 5_000);
    // The memo alone names the incidents, and an answer does not repeat the id of its reply.
    const packed = packPager(stateOf(ana.pager));
    assert.ok(!('answering' in packed) && sizeBytes(packed.published) < 100);
    assert.ok(sizeBytes(packed.answers) < 150_000, `${sizeBytes(packed.answers)} bytes of answers`);
    const { answering } = memo['pager'] as { answering: Answering };
    assert.deepEqual(Object.keys(answering), [`incident:refresh:${uuid(1)}:`]);
    assert.deepEqual(
      answering[`incident:refresh:${uuid(1)}:`],
      Array.from({ length: 5_000 }, (_, n) => uuid(n)),
    );
  });

  test('fits when 1,000 items stay open for days and are paged every hour', () => {
    const ana = createPager({ messagesPerHour: 1_000 });
    for (let round = 1; round <= 40; round += 1) {
      pageAll(ana, 0, 1_000, round);
      ana.sends('whatsapp');
      ana.dropReports();
      ana.later(hour);
    }
    assert.ok(sizeBytes(packPager(stateOf(ana.pager))) > 500_000);
    const { bytes, state } = carried(ana, 400_000);
    assert.ok(bytes < 400_000, `${bytes} bytes`);
    assert.equal(openKeys(state).length, 1_000);
    assert.deepEqual(state.sent.at(-1), ana.pager.sent.at(-1), 'a reply acts on the newest message');
  });

  test('fits when everything that was taken recovers at once, and each notice is kept', () => {
    const ana = createPager();
    pageAll(ana, 0, 3_000);
    ana.sends('whatsapp');
    ana.dropReports();
    settleAll(ana, 0, 3_000, 'recovered');
    for (let n = 0; n < 3_000; n += 1) {
      const notice = { ...about(n), noticeId: `${n}`, kind: 'recovered', facts: factsOf(ana, n), by: null } as const;
      ana.input({ type: 'notice', notice });
    }
    assert.ok(sizeBytes(packPager(stateOf(ana.pager))) > 2_000_000);
    const { bytes, state } = carried(ana);
    assert.ok(bytes < maxBytes, `${bytes} bytes`);
    assert.deepEqual(
      state.pendingNotices.map(({ key, kind }) => ({ key, kind })),
      ana.pager.pendingNotices.map(({ key, kind }) => ({ key, kind })),
    );
  });

  test('loses first what is over, then old messages, then texts, and what was acknowledged last of all', () => {
    const ana = createPager();
    pageAll(ana, 0, 300);
    ana.sends('whatsapp');
    ana.dropReports();
    settleAll(ana, 0, 100, 'recovered');
    settleAll(ana, 100, 200, 'acknowledged');
    const whole = sizeBytes(packPager(stateOf(ana.pager)));
    const count = ({ items }: PagerState, how: string) => items.filter(({ settled }) => settled?.how === how).length;

    const little = carried(ana, whole - 5_000).state;
    assert.ok(count(little, 'recovered') > 50 && count(little, 'recovered') < 100);
    assert.deepEqual([count(little, 'acknowledged'), openKeys(little).length], [100, 100]);
    assert.equal(little.items[0]?.key, 100 - count(little, 'recovered') + 1, 'the oldest go first');

    const texts = carried(ana, whole - 45_000).state;
    assert.deepEqual([count(texts, 'recovered'), count(texts, 'acknowledged')], [0, 100]);
    assert.ok(texts.items.some(({ facts: { url } }) => url === undefined));

    const most = carried(ana, 25_000).state;
    assert.ok(count(most, 'acknowledged') < 100);
    assert.equal(openKeys(most).length, 100);
    assert.equal(most.sent.length, 1, 'what it carries is open');
  });

  test('keeps what a reply waits for, also where it is over', () => {
    const ana = createPager();
    pageAll(ana, 0, 20);
    ana.sends('whatsapp');
    ana.replies('ACK');
    ana.dropReports();
    settleAll(ana, 0, 20, 'recovered');
    const { state } = carried(ana, 1_000);
    assert.deepEqual(
      new Set(state.items.map(({ key }) => key)),
      new Set(ana.pager.replies.flatMap(({ waiting }) => waiting)),
    );
    assert.equal(state.items.length, 20);
  });

  test('is packed fast, because a workflow task does it', () => {
    const ana = createPager();
    pageAll(ana, 0, 8_000);
    settleAll(ana, 0, 4_000, 'acknowledged');
    ana.fails(ana.begin('whatsapp'), 'outage', '503');
    // About 400 ms; Temporal gives a workflow task up after 5 s.
    const ms = processorMs(() => packWithin(stateOf(ana.pager), 700_000));
    assert.ok(ms < 2_000, `${ms} ms`);
  });
});

test('a byte is a byte of UTF-8', () => {
  for (const text of ['Sales', 'Umsätze', '売上', '🚀 launch', '\n"'])
    assert.equal(sizeBytes(text), Buffer.byteLength(JSON.stringify(text)));
});
