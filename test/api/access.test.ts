import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertHas, buildTestApp, clientWithoutServer, config } from './service.js';

const authorization = `Bearer ${config.apiToken}`;

test('scripts need the bearer token', async () => {
  const { app } = await buildTestApp(clientWithoutServer());
  for (const header of [
    undefined,
    '',
    'Bearer',
    'Bearer wrong',
    `Basic ${config.apiToken}`,
    `${authorization}x`,
    config.apiToken,
  ]) {
    for (const [method, url] of [
      ['GET', '/incidents'],
      ['GET', '/incidents/refresh:s:x'],
      ['POST', '/incidents/refresh:s:x/acknowledge'],
      ['POST', '/incidents/refresh:s:x/snooze'],
    ] as const) {
      const answer = await app.inject({ method, url, headers: header === undefined ? {} : { authorization: header } });
      assert.equal(answer.statusCode, 401, `${url} ${header}`);
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
      assertHas(answer.json(), { statusCode: 401, code: 'BAD_TOKEN', error: 'Unauthorized' });
    }
  }
});
