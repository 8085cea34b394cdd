import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildTestApp, byTwilio, config, failure, startTemporal, type TestApp } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const send = async (app: FastifyInstance, request: InjectOptions, times: number): Promise<void> => {
  for (let i = 0; i < times; i++) await app.inject(request);
};
const linesOf = ({ log }: TestApp, pattern: RegExp): string[] =>
  log()
    .split('\n')
    .filter((line) => pattern.test(line));

test('a flood of refused requests leaves ten lines a minute for each route and status, and one with the number of the others', async () => {
  const here = await buildTestApp(client, { rates: { refused: 40 } });
  const { app } = here;
  const wrong: InjectOptions = { method: 'POST', url: '/notifier/wrong-secret-0000', payload: failure() };
  const forged = byTwilio('/twilio/message', [['MessageSid', 'SM1']], { token: 'another-token' });
  await send(app, wrong, 100);
  await send(app, { url: '/wp-login.php' }, 100);
  await send(app, { url: '/incidents' }, 30);
  await send(app, forged, 30);
  const all: [route: string, status: number, skipped: number][] = [
    ['/notifier/:secret', 401, 30],
    ['/notifier/:secret', 429, 50],
    ['(none)', 404, 90],
    ['/incidents', 401, 20],
    ['/twilio/message', 403, 20],
  ];
  const of = (route: string, status: number) =>
    new RegExp(`"route":"${route.replaceAll(/[()]/g, '\\$&')}","status":${status},`);
  for (const [route, status] of all) assert.equal(linesOf(here, of(route, status)).length, 10, `${route} ${status}`);
  await app.close();
  for (const [route, status, skipped] of all) {
    const [line = '', ...more] = linesOf(here, of(route, status)).slice(10);
    assert.match(line, new RegExp(`"skipped":${skipped},"msg":"requests without a line"`));
    assert.deepEqual(more, []);
  }
});

test('a request with the right credential always leaves its line', async () => {
  const here = await buildTestApp(client);
  const headers = { authorization: `Bearer ${config.apiToken}` };
  await send(here.app, { url: '/incidents/none', headers }, 15);
  assert.equal(linesOf(here, /"route":"\/incidents\/:id","status":404/).length, 15);
});

test('the secret in the query is deprecated: the first accepted request warns', async () => {
  const here = await buildTestApp(client);
  const post = (url: string): InjectOptions => ({ method: 'POST', url, payload: failure() });
  await send(here.app, post('/notifier/current-secret-0001'), 1);
  await send(here.app, post('/notifier?secret=wrong-secret-0000'), 1);
  assert.equal(linesOf(here, /deprecated/).length, 0);
  await send(here.app, post('/notifier?secret=current-secret-0001'), 3);
  assert.equal(linesOf(here, /"level":40.*secret in the query.*deprecated.*webhooks sync/).length, 1);
  assert.doesNotMatch(here.log(), /current-secret-0001/);
});
