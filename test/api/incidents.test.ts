import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { beginningRow } from '../../src/temporal/incident-row.js';
import { incidentType, incidentWorkflowId, searchAttributes } from '../../src/workflows/contract.js';
import type { IncidentRow } from '../../src/workflows/view-contract.js';
import { pagerType } from '../../src/workflows/pager-contract.js';
import { assertHas, clientWithoutServer, config, eventually, buildTestApp, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
let unindexed: FastifyInstance;
const authorization = `Bearer ${config.apiToken}`;
const stateKey = defineSearchAttributeKey(searchAttributes.state, SearchAttributeType.KEYWORD);

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client, { temporalTimeouts: { readTimeoutMs: 3_000 } }));
  ({ app: unindexed } = await buildTestApp(client, { searchAttributes: async () => false }));
});

const get = async (url: string, server = app) => {
  const answer = await server.inject({ url, headers: { authorization } });
  return { status: answer.statusCode, body: answer.json() };
};
interface Listing {
  incidents: IncidentRow[];
  next: string | null;
}
const list = async (query: string, server = app): Promise<Listing> => (await get(`/incidents?${query}`, server)).body;

async function everyPage(query: string, server = app): Promise<IncidentRow[]> {
  const limit = Number(new URLSearchParams(query).get('limit') ?? 100);
  const rows: IncidentRow[] = [];
  let cursor = '';
  for (let page = 0; page < 50; page++) {
    const { incidents, next } = await list(query + cursor, server);
    assert.ok(incidents.length <= limit, `${incidents.length} rows`);
    rows.push(...incidents);
    if (next === null) return rows;
    cursor = `&cursor=${next}`;
  }
  throw new Error('the list has no end');
}

/** A run as an incident leaves it. No worker is needed to read its memo. */
async function run(id: string, more: Partial<IncidentRow> = {}, memo: Record<string, unknown> = {}): Promise<void> {
  const row: IncidentRow = {
    ...beginningRow({
      id,
      item: { kind: 'workbook', luid: id, name: `Item ${id}`, site: 's' },
      event: 'WorkbookRefreshFailed',
      at: Date.parse('2026-11-15T10:00:00.000Z'),
      policy: 'default',
    }),
    step: 1,
    next: { at: '2026-11-15T10:05:00.000Z', code: 'step', what: 'SMS to ana' },
    ...more,
  };
  await client.workflow.start(incidentType, {
    workflowId: incidentWorkflowId(id),
    taskQueue: 'without-workers',
    args: [],
    memo: { incident: row, ...memo },
    typedSearchAttributes: [{ key: stateKey, value: row.state }],
  });
}
const end = (id: string) => client.workflow.getHandle(incidentWorkflowId(id)).terminate();
const idsOf = (rows: IncidentRow[]) => rows.map(({ id }) => id).toSorted();

describe('GET /incidents', () => {
  const odd = `refresh:s:4"'\\ é`;
  const all = ['1', '2', '3', '5', '6', '7', '8'].map((luid) => `refresh:s:${luid}`).concat(odd);

  before(async () => {
    await run('refresh:s:7');
    await run('refresh:s:8');
    await run('refresh:s:1', { firstFailedAt: '2026-11-15T11:00:00.000Z' });
    await run('refresh:s:2', {
      firstFailedAt: '2026-11-15T12:00:00.000Z',
      state: 'acknowledged',
      acknowledgedBy: 'ana',
    });
    // Resolved and over, and failed again since: one row.
    await run('refresh:s:3', { state: 'resolved', failures: 1 });
    await end('refresh:s:3');
    await run('refresh:s:3', { state: 'unacknowledged', failures: 2 });
    // Two runs that are over, odd characters in the id.
    await run(odd, { state: 'resolved', failures: 1 });
    await end(odd);
    await run(odd, { state: 'resolved', failures: 2 });
    await end(odd);
    // Ended by an operator.
    await run('refresh:s:5');
    await end('refresh:s:5');
    // Not an incident, and an incident that wrote nothing.
    await client.workflow.start(pagerType, { workflowId: 'pager:ana', taskQueue: 'without-workers', args: [] });
    await client.workflow.start(incidentType, {
      workflowId: incidentWorkflowId('refresh:s:6'),
      taskQueue: 'without-workers',
      args: [],
    });
    await eventually(
      () => everyPage('limit=100'),
      (rows) => idsOf(rows).join() === all.toSorted().join() && rows.some(({ failures }) => failures === 2),
    );
  });

  test('has one row per incident, from its latest run, the newest first', async () => {
    const { incidents, next } = await list('limit=100');
    assert.equal(next, null);
    assert.deepEqual(idsOf(incidents), all.toSorted());
    const times = incidents.map(({ firstFailedAt }) => firstFailedAt);
    assert.deepEqual(times, times.toSorted().toReversed());
    const row = (id: string) => incidents.find((incident) => incident.id === id);
    assert.deepEqual(row('refresh:s:2'), {
      id: 'refresh:s:2',
      episode: null,
      state: 'acknowledged',
      item: { kind: 'workbook', luid: 'refresh:s:2', name: 'Item refresh:s:2', site: 's' },
      event: 'WorkbookRefreshFailed',
      failures: 1,
      firstFailedAt: '2026-11-15T12:00:00.000Z',
      lastFailedAt: '2026-11-15T10:00:00.000Z',
      cause: null,
      project: null,
      ownerRole: null,
      acknowledgedBy: 'ana',
      acknowledgedAt: null,
      snoozedBy: null,
      snoozedUntil: null,
      endedAt: null,
      policy: 'default',
      step: 1,
      round: 0,
      pages: 0,
      next: { at: '2026-11-15T10:05:00.000Z', code: 'step', what: 'SMS to ana' },
    });
    assertHas(row('refresh:s:3'), { state: 'unacknowledged', failures: 2 });
    assertHas(row(odd), { state: 'resolved', failures: 2 });
    assertHas(row('refresh:s:5'), { state: 'forgotten', next: null });
    // What wrote its end itself has that one.
    assertHas(row(odd), { endedAt: null });
    const { closeTime } = await client.workflow.getHandle(incidentWorkflowId('refresh:s:5')).describe();
    assert.equal(row('refresh:s:5')?.endedAt, closeTime?.toISOString());
    assertHas(row('refresh:s:6'), { state: 'triggered', item: { luid: '6', site: 's' }, step: 0 });
  });

  test('has pages of any size, without a repeated or missing row', async () => {
    for (const limit of [1, 2, 3, 5, 1000]) {
      assert.deepEqual(idsOf(await everyPage(`limit=${limit}`)), all.toSorted(), `limit ${limit}`);
    }
  });

  test('filters by state, with search attributes and without', async () => {
    for (const server of [app, unindexed]) {
      assert.deepEqual(idsOf(await everyPage('state=acknowledged', server)), ['refresh:s:2']);
      assert.deepEqual(idsOf(await everyPage('state=unacknowledged&limit=1', server)), ['refresh:s:3']);
      assert.deepEqual(idsOf(await everyPage('state=resolved&limit=1', server)), [odd]);
      assert.deepEqual(idsOf(await everyPage('state=snoozed', server)), []);
      assert.deepEqual(idsOf(await everyPage('state=forgotten&limit=1', server)), ['refresh:s:5']);
      const triggered = ['refresh:s:1', 'refresh:s:6', 'refresh:s:7', 'refresh:s:8'];
      if (server === unindexed) assert.deepEqual(idsOf(await everyPage('state=triggered&limit=3', server)), triggered);
    }
  });

  test('answers an invalid query string with 400 and the reason', async () => {
    const { next } = await list('limit=1');
    const table: [string, RegExp][] = [
      ...['0', '1001', '-1', '1.5', 'ten', '', '1e2', ' 5'].map((limit): [string, RegExp] => [
        `limit=${limit}`,
        /limit/,
      ]),
      ['limit=1&limit=2', /limit/],
      ['state=open', /state must be one of triggered/],
      ['state=', /state/],
      ['cursor=', /cursor/],
      ['cursor=nonsense', /cursor/],
      [`cursor=x${next}`, /cursor/],
      [`cursor=${next}x`, /cursor/],
      [`state=resolved&cursor=${next}`, /cursor/],
    ];
    for (const [query, message] of table) {
      const { status, body } = await get(`/incidents?${query}`);
      assert.equal(status, 400, query);
      assert.match(body.message, message, query);
    }
  });

  test('is 503 while Temporal is unavailable', async () => {
    const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
      temporalTimeouts: { readTimeoutMs: 200 },
    });
    assertHas(await get('/incidents', withoutTemporal), { status: 503, body: { code: 'TEMPORAL_UNAVAILABLE' } });
    assertHas(await get('/incidents/refresh:s:1', withoutTemporal), { status: 503 });
  });
});

describe('GET /incidents/<id>', () => {
  const entry = { at: '2026-11-15T10:00:01.000Z', type: 'failed', text: 'It failed' };
  const page = {
    n: 1,
    contact: 'ana',
    channel: 'sms',
    step: 1,
    requestedAt: '2026-11-15T10:00:01.000Z',
    status: 'sent',
    sentAt: '2026-11-15T10:00:02.000Z',
    readAt: null,
    heldUntil: null,
    why: null,
  };

  test('is all of it without a worker: detail, entries and pages in their order, and no query is sent', async () => {
    let queries = 0;
    const asking = new Client({
      connection: client.connection,
      namespace: client.options.namespace,
      interceptors: {
        workflow: [
          {
            query(input, next) {
              queries += 1;
              return next(input);
            },
          },
        ],
      },
    });
    const { app: asked } = await buildTestApp(asking, { temporalTimeouts: { outcomeTimeoutMs: 300 } });
    const id = `refresh:-:weird "'\\/?&%:é😀`;
    const detail = { project: 'Finance', problems: [], nextRunAt: '2026-11-15T12:00:00.000Z' };
    const entries = [9, 10, 11].map((n) => [`t${n}`, { ...entry, text: `${n}` }]);
    const others = { p2: { ...page, n: 2 }, p1: page, answers: { other: 'taken' }, t12: 'no entry', tx: entry, p3: {} };
    await run(id, { failures: 3 }, { detail, ...Object.fromEntries(entries.toReversed()), ...others });
    const url = `/incidents/${encodeURIComponent(id)}`;
    const { status, body } = await get(url, asked);
    assert.equal(status, 200);
    assertHas(body, { id, failures: 3, state: 'triggered', detail, pagesSent: [page, { ...page, n: 2 }] });
    assert.deepEqual(
      body.timeline.map(({ text }: { text: string }) => text),
      ['9', '10', '11'],
    );
    const answer = await asked.inject({ method: 'POST', url: `${url}/acknowledge`, headers: { authorization } });
    assert.deepEqual([answer.statusCode, queries], [202, 0]);
  });

  test('is all of it when somebody has terminated its workflow, with the end, as JSON and as a page', async () => {
    const id = 'refresh:s:terminated';
    const detail = { project: 'Finance', problems: ['Tableau gave no reason.'] };
    await run(id, { acknowledgedBy: 'ana' }, { detail, t1: entry, p1: page });
    await end(id);
    const { closeTime } = await client.workflow.getHandle(incidentWorkflowId(id)).describe();
    const over = { state: 'forgotten', next: null, acknowledgedBy: 'ana', endedAt: closeTime?.toISOString() };
    assertHas((await get(`/incidents/${id}`)).body, { ...over, detail, timeline: [entry], pagesSent: [page] });
    const html = await app.inject({ url: `/incidents/${id}`, headers: { authorization, accept: 'text/html' } });
    assert.equal(html.statusCode, 200);
    for (const shown of [/>forgotten</, /SMS to/, /It failed/, /Tableau gave no reason/, /<dt>Ended</])
      assert.match(html.body, shown);
  });

  test('is the row of an earlier version, without what that did not write', async () => {
    const { id, ...others } = beginningRow({
      id: 'refresh:s:earlier',
      item: { kind: 'workbook', luid: 'earlier', name: 'Earlier', site: 's' },
      event: 'WorkbookRefreshFailed',
      at: 0,
      policy: 'default',
    });
    const { cause: _cause, project: _project, pages: _pages, round: _round, ...earlier } = others;
    const next = { at: '2026-11-15T10:05:00.000Z', what: 'SMS to ana' };
    await client.workflow.start(incidentType, {
      workflowId: incidentWorkflowId(id),
      taskQueue: 'without-workers',
      args: [],
      memo: { incident: { ...earlier, id, failures: 4, next } },
    });
    const { status, body } = await get(`/incidents/${id}`);
    assert.equal(status, 200);
    const missing = { cause: null, pages: 0, next: null, detail: null, timeline: [], pagesSent: [] };
    assertHas(body, { id, failures: 4, item: { name: 'Earlier' }, ...missing });
  });

  test('accepts an id of up to 600 characters', async () => {
    const id = `refresh:${'s'.repeat(256)}:${'é😀'.repeat(60)}`;
    await run(id);
    assertHas(await get(`/incidents/${encodeURIComponent(id)}`), { status: 200, body: { id } });
  });

  test('is 404 for an unknown id', async () => {
    assertHas(await get('/incidents/refresh:s:unknown'), { status: 404, body: { code: 'UNKNOWN_INCIDENT' } });
    for (const verb of ['acknowledge', 'resolve']) {
      const answer = await app.inject({
        method: 'POST',
        url: `/incidents/refresh:s:unknown/${verb}`,
        headers: { authorization },
      });
      assertHas(answer.json(), { statusCode: 404, code: 'UNKNOWN_INCIDENT' });
    }
  });
});
