import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '../../helpers/until.js';
import { openWorld, type World } from '../world.js';
import { ask, codeOf, credentials, signIn } from './client.js';

describe("Tableau's sign-in", () => {
  let world: World;
  before(async () => {
    world = await openWorld({ users: [{ name: 'ana', password: 'pass' }], apiVersion: '3.24' });
  });
  after(() => world.close());
  const post = (body: unknown) => ask(world.sandbox, 'POST', '/auth/signin', { body, version: '3.24' });
  const items = (token?: string) =>
    ask(world.sandbox, 'GET', `/sites/${world.sandbox.siteLuid}/workbooks`, {
      version: '3.24',
      ...(token === undefined ? {} : { token }),
    });
  const enter = async () => {
    const { body } = await post(credentials());
    return /"token":"([^"]+)"/.exec(JSON.stringify(body))?.[1] ?? '';
  };

  test('a token, or a name and password, opens a session that signing out ends', async () => {
    const token = await enter();
    assert.equal((await items(token)).status, 200);
    assert.equal((await ask(world.sandbox, 'POST', '/auth/signout', { token, version: '3.24' })).status, 204);
    assert.deepEqual(codeOf(await items(token)), [401, '401002']);
    const named = { credentials: { name: 'ana', password: 'pass', site: { contentUrl: '' } } };
    assert.equal((await post(named)).status, 200);
  });

  test('refuses wrong secrets, unknown sites and a body without credentials', async () => {
    assert.deepEqual(codeOf(await post(credentials({ personalAccessTokenSecret: 'x' }))), [401, '401001']);
    assert.deepEqual(codeOf(await post(credentials({ site: { contentUrl: 'elsewhere' } }))), [401, '401001']);
    assert.deepEqual(codeOf(await post({})), [400, '400000']);
    assert.deepEqual(codeOf(await items()), [401, '401000']);
    assert.deepEqual(codeOf(await items('made-up')), [401, '401002']);
  });

  test('a second sign-in with the same token ends the first session', async () => {
    const first = await enter();
    const second = await enter();
    assert.deepEqual(codeOf(await items(first)), [401, '401002']);
    assert.equal((await items(second)).status, 200);
  });

  test('a session ends after its time', async () => {
    world.sandbox.settings.sessionForMs = 50;
    const token = await enter();
    const last = await until('the end of the session', async () => {
      const answer = await items(token);
      return answer.status === 401 && answer;
    });
    assert.deepEqual(codeOf(last), [401, '401002']);
    world.sandbox.settings.sessionForMs = 60_000;
  });

  test('supports the versions from 3.6 to its own, and reports it', async () => {
    const info = (version: string) => ask(world.sandbox, 'GET', '/serverinfo', { version });
    assert.match(JSON.stringify((await info('3.6')).body), /"restApiVersion":"3.24"/);
    for (const version of ['3.25', '3.5', 'exp']) assert.deepEqual(codeOf(await info(version)), [404, '404003']);
    assert.deepEqual(codeOf(await ask(world.sandbox, 'GET', '/nowhere', { version: '3.24' })), [404, '404003']);
  });

  test('another site is not found', async () => {
    const other = await openWorld();
    const token = await signIn(other.sandbox);
    assert.deepEqual(codeOf(await ask(other.sandbox, 'GET', '/sites/x/workbooks', { token })), [404, '404000']);
    await other.close();
  });
});
