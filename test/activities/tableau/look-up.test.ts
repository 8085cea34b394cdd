import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test, type TestContext } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { create } from 'axios';
import { pino } from 'pino';
import { createTableauActivities } from '../../../src/activities/tableau/activities.js';
import { createTableauClient, type TableauConfig } from '../../../src/activities/tableau/client.js';
import { createSandbox } from '../../../src/sandbox/sandbox.js';
import type { ItemDetail, ItemKind } from '../../../src/workflows/contract.js';

const pat = { name: 'pages', secret: 'a-secret-that-must-not-leak' };

interface Options extends Partial<TableauConfig> {
  timeout?: number;
  deadline?: number;
}

/** The activity against a Tableau at `domain`. */
function lookingUp(domain: string, { timeout, deadline, ...changes }: Options = {}) {
  const logged: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  const config = { domain, siteName: '', apiVersion: '3.21', sessionMinutes: 110, pat, ...changes };
  const tableau = createTableauClient(config, { logger, ...(timeout === undefined ? {} : { timeout }) });
  const activities = createTableauActivities({ tableau, logger, ...(deadline === undefined ? {} : { deadline }) });
  const lookUp = (luid: string, kind: ItemKind = 'workbook'): Promise<ItemDetail> =>
    activities.lookUpItem({
      item: { kind, luid, name: 'as the event says', site: '-' },
      event: 'WorkbookRefreshFailed',
      at: 0,
    });
  return { lookUp, logged, signOut: () => tableau.signOut() };
}

async function tableauOutside(t: TestContext, options: Options = {}) {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const control = create({ baseURL: `${url}/sandbox/` });
  return {
    ...lookingUp(url, options),
    url,
    control,
    item: async (kind: 'workbook' | 'datasource', name: string): Promise<string> => {
      const { data } = await control.post<{ luid: string }>('tableau/items', {
        kind,
        name,
        project: 'Finance',
        owner: 'Ana Lima',
      });
      return data.luid;
    },
    fault: async (fault: object) => void (await control.post('faults', fault)),
    requests: async (target: string): Promise<number> =>
      (await control.get<{ requests: unknown[] }>('requests', { params: { target } })).data.requests.length,
  };
}

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ApplicationFailure, 'it was answered, or failed in another way');
  return error;
}

/** A server that answers everything in one way. */
async function alwaysAnswering(t: TestContext, status: number, body: string): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end(body),
  );
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `http://127.0.0.1:${address.port}`;
}

describe('looking an item up', () => {
  for (const kind of ['workbook', 'datasource'] as const)
    test(`gives name, project, owner and link of a ${kind}`, async (t) => {
      const { item, lookUp } = await tableauOutside(t);
      const { url, ...detail } = await lookUp(await item(kind, 'Sales'), kind);
      assert.deepEqual(detail, { name: 'Sales', project: 'Finance', owner: 'Ana Lima', problems: [] });
      assert.match(url ?? '', /^https?:\/\/.*\/(workbooks|datasources)\/\d+$/);
    });

  test('asks nothing for an item that is neither', async (t) => {
    const { lookUp, requests } = await tableauOutside(t);
    assert.deepEqual(await lookUp('99', 'user'), { name: 'as the event says', problems: [] });
    assert.equal(await requests('tableau'), 0);
  });

  test('signs in once for a burst of 200, and once more when the session has ended', async (t) => {
    const { item, lookUp, requests, url } = await tableauOutside(t);
    const luid = await item('workbook', 'Sales');
    const burst = () => Promise.all(Array.from({ length: 200 }, () => lookUp(luid)));
    for (const detail of await burst()) assert.equal(detail.owner, 'Ana Lima');
    assert.equal(await requests('tableau.signin'), 1);

    // Tableau ends a session when its token signs in elsewhere.
    await lookingUp(url).lookUp(luid);
    assert.equal(await requests('tableau.signin'), 2);
    for (const detail of await burst()) assert.deepEqual(detail.problems, []);
    assert.equal(await requests('tableau.signin'), 3);
  });

  test('signs in again after signing out', async (t) => {
    const { item, lookUp, signOut, requests } = await tableauOutside(t);
    const luid = await item('workbook', 'Sales');
    await signOut();
    await lookUp(luid);
    await signOut();
    assert.deepEqual((await lookUp(luid)).problems, []);
    assert.equal(await requests('tableau.signin'), 2);
  });
});

describe('what cannot be learnt is a sentence', () => {
  test('when Tableau knows no such item', async (t) => {
    const { lookUp } = await tableauOutside(t);
    const { name, problems } = await lookUp('8b2a95d8-52b9-40a4-8712-cd6da771bd1b');
    assert.equal(name, 'as the event says');
    assert.match(problems.join(), /^Tableau answered 40400\d: no such workbook\.$/);
  });

  test('when the event names nothing that could be asked for', async (t) => {
    const { lookUp, requests } = await tableauOutside(t);
    assert.equal((await lookUp('../users')).problems.length, 1);
    assert.equal(await requests('tableau'), 0);
  });

  test('when we may not sign in', async (t) => {
    const { lookUp, logged } = await tableauOutside(t, { pat: { name: 'pages', secret: 'wrong-secret' } });
    const { problems } = await lookUp('99');
    assert.match(problems.join(), /^Tableau answered 401001: we may not sign in\. Check TABLEAU_PAT_NAME/);
    assert.doesNotMatch(logged.join() + problems.join(), /wrong-secret/);
  });

  test('when there is something else at its address', async (t) => {
    const { lookUp } = lookingUp(await alwaysAnswering(t, 200, '<html>Welcome</html>'));
    assert.deepEqual((await lookUp('99')).problems, ['Tableau answered HTTP 200 without JSON. Check TABLEAU_DOMAIN.']);
  });

  test('when the owner cannot be asked for, and the rest is told', async (t) => {
    const { item, lookUp, fault } = await tableauOutside(t);
    const luid = await item('workbook', 'Sales');
    await fault({ target: 'tableau.users', status: 503 });
    const { name, project, owner, problems } = await lookUp(luid);
    assert.deepEqual([name, project, owner, problems.length], ['Sales', 'Finance', undefined, 1]);
  });
});

describe('what a later try may learn is a failure that can be retried', () => {
  test('when Tableau is down, slow, busy or out of reach, and it names no secret', async (t) => {
    const { item, lookUp, fault, logged } = await tableauOutside(t, { timeout: 300 });
    const luid = await item('workbook', 'Sales');
    const failures: ApplicationFailure[] = [];
    for (const fails of [{ status: 503 }, { status: 429, code: 429000 }, { delay: 1_500 }, { drop: 'before' }]) {
      await fault({ target: 'tableau.items', ...fails });
      failures.push(await failureOf(lookUp(luid)));
    }
    failures.push(await failureOf(lookingUp('http://127.0.0.1:9').lookUp(luid)));
    for (const failure of failures)
      assert.deepEqual([failure.type, failure.nonRetryable], ['tableau-unavailable', false]);
    assert.equal(failures[2]?.message, 'Tableau did not answer within 0.3 s.');
    assert.equal(failures[4]?.message, 'Tableau cannot be reached (ECONNREFUSED).');
    assert.doesNotMatch(JSON.stringify(failures) + logged.join(), /must-not-leak|X-Tableau-Auth|Ana/);
    assert.deepEqual((await lookUp(luid)).problems, []);
  });

  test('and comes within its time, however slow each answer is', async (t) => {
    const { item, lookUp, fault } = await tableauOutside(t, { timeout: 3_000, deadline: 200 });
    const luid = await item('workbook', 'Sales');
    await fault({ target: 'tableau.signin', delay: 1_500 });
    const before = performance.now();
    assert.equal((await failureOf(lookUp(luid))).type, 'tableau-unavailable');
    assert.ok(performance.now() - before < 1_000);
  });
});
