import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { hour } from '../../src/workflows/contract.js';
import { startOnCallWorker } from './on-call-worker.js';
import { buildTestApi, config, eventually, startTemporal, textsTo } from './service.js';

let app: FastifyInstance;
let client: Client;
before(async () => {
  const temporal = await startTemporal();
  ({ client } = temporal);
  await startOnCallWorker(temporal);
  app = await buildTestApi(temporal.client);
});

const authorization = `Bearer ${config.apiToken}`;
async function ask(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object, headers = { authorization }) {
  const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.body === '' ? null : answer.json() };
}
const list = async () => (await ask('GET', '/silences')).body.silences as { id: string }[];

describe('silences', () => {
  test('are made, listed without the name of a person, and ended', async () => {
    const fields = {
      match: { project: 'Finance/**', event: '*RefreshFailed' },
      reason: 'Upgrade of the warehouse',
      by: 'Olga Owner',
    };
    const made = await ask('POST', '/silences', { ...fields, for: '2h' });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    const { id, start, end, ...rest } = made.body;
    assert.deepEqual(rest, fields);
    assert.equal(Date.parse(end) - Date.parse(start), 2 * hour);
    assert.deepEqual(await list(), [{ ...made.body, reason: 'Upgrade of the warehouse.', by: 'api' }]);
    assert.deepEqual(await ask('DELETE', `/silences/${id}`), { status: 204, body: null });
    assert.equal((await ask('DELETE', `/silences/${id}`)).status, 204);
    assert.deepEqual(await list(), []);
  });

  test('are announced to whom they concern when they begin and when they end', async () => {
    const textsOf = (count: number) =>
      eventually(
        () => textsTo(client, 'ana'),
        (found) => found.filter((text) => text.includes('announced')).length === count,
      );
    const made = await ask('POST', '/silences', { match: { item: 'announced' }, for: '2h', reason: 'Upgrade' });
    const [started] = (await textsOf(1)).slice(-1);
    assert.match(started ?? '', /^The API has silenced every item named "announced" until .* \(UTC\)\. Upgrade\.$/);
    await ask('DELETE', `/silences/${made.body.id}`);
    const [ended] = (await textsOf(2)).slice(-1);
    assert.match(ended ?? '', /^The silence of every item named "announced" was ended early: .* within 5 minutes\.$/);
    const start = new Date(Date.now() + hour).toISOString();
    const end = new Date(Date.now() + 2 * hour).toISOString();
    const planned = await ask('POST', '/silences', { match: { item: 'announced later' }, start, end, reason: 'Later' });
    await ask('DELETE', `/silences/${planned.body.id}`);
    // What follows is in order, so that nothing of the planned one came before it.
    await ask('POST', '/silences', { match: { item: 'announced last' }, for: '1m', reason: 'Last' }).then(({ body }) =>
      ask('DELETE', `/silences/${body.id}`),
    );
    const all = await textsOf(4);
    assert.ok(
      all.every((text) => !text.includes('announced later')),
      all.join('\n'),
    );
  });

  test('can be planned, and ended before they begin', async () => {
    const [start, end] = [1, 2].map((hours) => new Date(Date.now() + hours * hour).toISOString());
    const made = await ask('POST', '/silences', { match: { tag: 'gold' }, start, end, reason: 'Planned' });
    assert.deepEqual([made.body.start, made.body.end], [start, end]);
    assert.equal((await list()).length, 1);
    await ask('DELETE', `/silences/${made.body.id}`);
    assert.deepEqual(await list(), []);
  });

  test('that are wrong are refused by the field, and make nothing', async () => {
    const usual = { match: { item: 'Sales' }, for: '2h', reason: 'Upgrade' };
    for (const [more, code, message] of [
      [{ match: {} }, 'BAD_MATCH', /at least one of item, project, tag, site, event/],
      [{ match: 'Sales' }, 'BAD_REQUEST', /match must be object/],
      [{ match: undefined }, 'BAD_REQUEST', /'match'/],
      [{ for: '91d' }, 'BAD_FOR', /from 1m to 90d/],
      [{ for: undefined }, 'BAD_END', /end is missing/],
      [{ for: undefined, start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' }, 'BAD_START', /past/],
      [{ reason: undefined }, 'BAD_REQUEST', /'reason'/],
      [{ by: '+15550000001' }, 'BAD_BY', /phone number/],
    ] as const) {
      const { status, body } = await ask('POST', '/silences', { ...usual, ...more });
      assert.deepEqual([status, body.code], [400, code], JSON.stringify(more));
      assert.match(body.message, message);
    }
    assert.deepEqual(await list(), []);
  });

  test('that are not known are 404, and all need the token', async () => {
    for (const id of [randomUUID(), 'x']) {
      const { status, body } = await ask('DELETE', `/silences/${id}`);
      assert.deepEqual([status, body.code], [404, 'UNKNOWN_SILENCE']);
    }
    for (const method of ['GET', 'POST'] as const)
      assert.equal((await ask(method, '/silences', undefined, { authorization: 'Bearer wrong' })).status, 401);
  });
});
