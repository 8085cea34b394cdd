import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import type { ApplicationFailure } from '@temporalio/common';
import type { LookUpInput, LookUpPart } from '../../src/workflows/activity-contract.js';
import type { ItemKind } from '../../src/workflows/contract.js';
import { failureOf, serverThat, tableauOutside, tableauAnswering, workerAt, type Worker } from './outside.js';

const about = (luid: string, kind: ItemKind = 'workbook', site = '-'): LookUpInput => ({
  item: { kind, luid, name: 'as the event says', site },
  event: 'WorkbookRefreshFailed',
  at: Date.parse('2026-03-01T03:00:00Z'),
});
const lookUp = ({ activities }: Worker, luid: string, kind?: ItemKind) => activities.lookUpItem(about(luid, kind));

describe('the look-up of an item', () => {
  for (const kind of ['workbook', 'datasource'] as const)
    test(`returns name, project path, owner, tags and link of a ${kind}`, async (t) => {
      const outside = await tableauOutside(t);
      const input = await outside.failing('Sales', { kind, project: 'Finance/Daily/EMEA', tags: ['gold', 'nightly'] });
      const { url, ...detail } = await outside.activities.lookUpItem(input);
      assert.deepEqual(detail, {
        name: 'Sales',
        project: 'Finance/Daily/EMEA',
        owner: 'Ana Lima',
        tags: ['gold', 'nightly'],
        problems: [],
      });
      assert.match(url ?? '', /^https?:\/\/.*\/(workbooks|datasources)\/\d+$/);
    });

  test('names the contact whom the escalation file knows by the user name or the e-mail address of the owner', async (t) => {
    const asked: string[][] = [];
    const contactOf = (names: readonly string[]): string | null => {
      asked.push([...names]);
      return names.some((name) => name.includes('ana')) ? 'ana' : null;
    };
    const outside = await tableauOutside(t, { contactOf });
    const known = await outside.activities.lookUpItem(await outside.failing('Sales'));
    const unknown = await outside.activities.lookUpItem(await outside.failing('People', { owner: 'Ben Berg' }));
    assert.deepEqual([known.ownerRole, unknown.ownerRole, unknown.owner], ['ana', undefined, 'Ben Berg']);
    assert.equal(asked.length, 2, JSON.stringify(asked));
  });

  for (const [fault, isProjectName] of [
    [{ status: 403, code: 403_000 }, 'always'],
    [{ delayMs: 3_000 }, 'now'],
  ] as const)
    test(`returns the name of the project when its path cannot be read: ${JSON.stringify(fault)}`, async (t) => {
      const outside = await tableauOutside(t);
      const input = await outside.failing('Sales', { project: 'Finance/Daily' });
      outside.sandbox.faults.add({ target: 'tableau.projects', ...fault });
      const before = performance.now();
      const found = await outside.activities.lookUpItem(input);
      assert.deepEqual([found.project, found.isProjectName, found.problems], ['Daily', isProjectName, []]);
      assert.ok(performance.now() - before < 1_000);
    });

  test('sends no request for other kinds of items', async (t) => {
    const outside = await tableauOutside(t);
    const input = about('99', 'user');
    assert.deepEqual(await outside.activities.lookUpItem(input), { name: 'as the event says', problems: [] });
    assert.deepEqual(await outside.activities.lookUpCause(input), { problems: [] });
    assert.deepEqual(await outside.activities.lookUpSeverity(input), { problems: [] });
    assert.equal(await outside.activities.hasRecovered(input), false);
    assert.equal(outside.paths(/./), 0);
  });

  test('sends no request for an item of another site, and reports it as one problem', async (t) => {
    const outside = await tableauOutside(t);
    await outside.activities.lookUpItem(await outside.failing('Ours'));
    const calls = outside.paths(/./);
    const input = { ...(await outside.failing('Sales')) };
    input.item = { ...input.item, site: '8b2a95d8-52b9-40a4-8712-cd6da771bd1b' };
    const sentence = 'The event is of another Tableau site than ours, so nothing was looked up.';
    assert.deepEqual(await outside.activities.lookUpItem(input), { name: 'Sales', problems: [sentence] });
    assert.deepEqual(await outside.activities.lookUpCause(input), { problems: [] });
    assert.deepEqual(await outside.activities.lookUpSeverity(input), { problems: [] });
    assert.equal(await outside.activities.hasRecovered(input), false);
    assert.equal((await outside.activities.rerun(input)).state, 'refused');
    assert.equal(outside.paths(/./), calls);
  });

  test('signs in once for a burst of 100, and once more when the session has ended', async (t) => {
    const outside = await tableauOutside(t);
    const { item } = await outside.failing('Sales');
    const signIns = () => outside.paths(/auth\/signin/);
    const burst = async () => {
      const failed: LookUpInput[] = [];
      for (let n = 0; n < 100; n += 1) failed.push(await outside.failing(`Sales ${n}`));
      return Promise.all(failed.map((one) => lookUp(outside, one.item.luid)));
    };
    for (const detail of await burst()) assert.equal(detail.owner, 'Ana Lima');
    assert.equal(signIns(), 1);

    // Tableau ends a session when its token signs in elsewhere.
    await lookUp(workerAt(outside.url), item.luid);
    assert.equal(signIns(), 2);
    for (const detail of await burst()) assert.deepEqual(detail.problems, []);
    assert.equal(signIns(), 3);
  });

  test('signs in again after signing out', async (t) => {
    const outside = await tableauOutside(t);
    const { item } = await outside.failing('Sales');
    await outside.signOut();
    await lookUp(outside, item.luid);
    await outside.signOut();
    assert.equal(outside.paths(/auth\/signout/), 1);
    const other = await outside.failing('HR');
    assert.deepEqual((await lookUp(outside, other.item.luid)).problems, []);
    assert.equal(outside.paths(/auth\/signin/), 2);
  });
});

test('an item is requested once for all who ask at about the same time', async (t) => {
  const outside = await tableauOutside(t);
  const { item } = await outside.failing('Sales');
  await Promise.all(Array.from({ length: 20 }, () => lookUp(outside, item.luid)));
  await lookUp(outside, item.luid);
  assert.equal(outside.paths(/GET .*\/workbooks\//), 1);
});

describe('a permanent failure is a problem in a sentence', () => {
  test('when Tableau knows no such item', async (t) => {
    const outside = await tableauOutside(t);
    for (const kind of ['workbook', 'datasource'] as const) {
      const { name, problems, unknownItem } = await lookUp(outside, '8b2a95d8-52b9-40a4-8712-cd6da771bd1b', kind);
      assert.equal(name, 'as the event says');
      assert.match(problems.join(), /^Tableau answered 40400\d: no such (workbook|data source)\.$/);
      assert.equal(unknownItem, true);
    }
  });

  for (const fault of [
    { status: 404, code: 404_000 },
    { status: 404, code: 404_003 },
    { status: 403, code: 403_004 },
  ])
    test(`and the item is not unknown, when Tableau answers ${fault.code}`, async (t) => {
      const outside = await tableauOutside(t);
      const input = await outside.failing('Sales');
      outside.sandbox.faults.add({ target: 'tableau.items', ...fault, times: 'always' });
      const { problems, unknownItem } = await outside.activities.lookUpItem(input);
      assert.deepEqual([problems.length, unknownItem], [1, undefined]);
    });

  test('when the luid of the event is invalid', async (t) => {
    const outside = await tableauOutside(t);
    const { problems, unknownItem } = await lookUp(outside, '../users');
    assert.deepEqual([problems.length, unknownItem], [1, true]);
    assert.equal(outside.paths(/./), 0);
  });

  test('when the owner cannot be read, and the rest is returned', async (t) => {
    const outside = await tableauOutside(t);
    const { item } = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.users', status: 503 });
    const { name, project, owner, problems } = await lookUp(outside, item.luid);
    assert.deepEqual([name, project, owner, problems.length], ['Sales', 'Finance/Daily', undefined, 1]);
  });

  test('when parts of the response are missing or invalid, and the rest is returned', async (t) => {
    const workbook = {
      name: 2024,
      webpageUrl: 'javascript:alert(1)',
      project: 'Finance',
      owner: [],
      tags: { tag: [{ label: 7 }, 'gold', null, { label: 'gold' }] },
      size: {},
    };
    const worker = workerAt(await tableauAnswering(t, { '/workbooks/': { workbook } }));
    assert.deepEqual(await lookUp(worker, '99'), {
      name: '2024',
      tags: ['7', 'gold'],
      problems: ['Tableau names no owner.'],
    });
    const one = workerAt(await tableauAnswering(t, { '/workbooks/': { workbook: { tags: { tag: { label: 'x' } } } } }));
    assert.deepEqual((await lookUp(one, '99')).tags, ['x']);
  });
});

describe('a temporary failure is a retryable activity failure', () => {
  test('when the sign-in is refused, which is tried once for a storm', async (t) => {
    const signIn = { kind: 'pat', name: 'pages', secret: 'wrong-secret' } as const;
    const outside = await tableauOutside(t, { signIn });
    const all = await Promise.all(Array.from({ length: 50 }, () => failureOf(lookUp(outside, '99'))));
    all.push(await failureOf(lookUp(outside, '99')));
    for (const { message, type, nonRetryable } of all) {
      assert.match(message, /^Tableau answered 401001: we may not sign in\. Check TABLEAU_PAT_NAME/);
      assert.deepEqual([type, nonRetryable], ['tableau-unavailable', false]);
    }
    assert.equal(outside.paths(/auth\/signin/), 1);
    assert.doesNotMatch(outside.logged.join(), /wrong-secret/);
  });

  test('when the address is not that of a Tableau', async (t) => {
    const url = await serverThat(t, (_request, response) => response.end('<html>Welcome</html>'));
    const { message } = await failureOf(lookUp(workerAt(url), '99'));
    assert.equal(message, 'Tableau answered HTTP 200 without JSON. Check TABLEAU_DOMAIN if this lasts.');
  });

  test('when Tableau answers a page in place of JSON, or refuses the sign-in, once: the next look-up has everything', async (t) => {
    const trouble = [
      { target: 'tableau.items', status: 200, body: '<html>We are being updated</html>' },
      { target: 'tableau.jobs', status: 200, body: '<html>We are being updated</html>' },
      { target: 'tableau.signin', status: 200, body: '<html>We are being updated</html>' },
      { target: 'tableau.signin', status: 401, code: 401_001 },
    ];
    for (const fault of trouble) {
      const outside = await tableauOutside(t);
      const input = await outside.failing('Sales', { notes: 'Disk full.' });
      outside.sandbox.faults.add({ ...fault, times: 1 });
      const parts: LookUpPart[] = ['item', 'cause', 'severity'];
      const first = await outside.activities.lookUp({ ...input, parts, withinMs: 800 });
      assert.ok(first.pending.length > 0, JSON.stringify(fault));
      // As long as an incident waits.
      await sleep(1_100);
      const pending = first.pending.map(({ part }) => part);
      const second = await outside.activities.lookUp({ ...input, parts: pending, withinMs: 12_000 });
      assert.deepEqual(second.pending, [], JSON.stringify(fault));
      const { owner, cause, consecutiveFailures } = { ...first.learnt, ...second.learnt };
      assert.deepEqual([owner, cause, consecutiveFailures], ['Ana Lima', 'Disk full.', 1], JSON.stringify(fault));
    }
  });

  test('when Tableau is down, slow, busy or unreachable, and it contains no secret', async (t) => {
    const outside = await tableauOutside(t, { timeoutMs: 300 });
    const { item } = await outside.failing('Sales');
    const failures: ApplicationFailure[] = [];
    for (const fails of [
      { status: 503 },
      { status: 429, code: 429_000 },
      { delayMs: 1_500 },
      { drop: 'before' as const },
    ]) {
      outside.sandbox.faults.add({ target: 'tableau.items', ...fails });
      failures.push(await failureOf(lookUp(outside, item.luid)));
    }
    failures.push(await failureOf(lookUp(workerAt('http://127.0.0.1:9'), item.luid)));
    for (const failure of failures)
      assert.deepEqual([failure.type, failure.nonRetryable], ['tableau-unavailable', false]);
    assert.equal(failures[2]?.message, 'Tableau did not answer within 0.3 s.');
    assert.equal(failures[4]?.message, 'Tableau cannot be reached (ECONNREFUSED).');
    assert.doesNotMatch(JSON.stringify(failures) + outside.logged.join(), /must-not-leak|X-Tableau-Auth|Ana/);
    assert.deepEqual((await lookUp(outside, item.luid)).problems, []);
  });

  test('and ends with its deadline, however slow each response is', async (t) => {
    const outside = await tableauOutside(t, { timeoutMs: 3_000, lookUpTimeoutMs: 200 });
    const { item } = await outside.failing('Sales');
    outside.sandbox.faults.add({ target: 'tableau.signin', delayMs: 1_500 });
    const before = performance.now();
    assert.equal((await failureOf(lookUp(outside, item.luid))).type, 'tableau-unavailable');
    assert.ok(performance.now() - before < 1_000);
  });
});
