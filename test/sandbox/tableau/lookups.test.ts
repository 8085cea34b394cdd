import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { SignJWT, type JWTPayload } from 'jose';
import { createSandbox, type SandboxOptions } from '../../../sandbox/sandbox.js';
import { accountSid, authToken, pat } from '../world.js';

const app = { clientId: 'client', secretId: 'kid', secretValue: 'the-value-of-the-secret-1234567890' };
const scp = ['tableau:content:read', 'tableau:jobs:read'];

async function open(t: TestContext, options: Partial<SandboxOptions> = {}) {
  const sandbox = createSandbox({ accountSid, authToken, pat, connectedApp: app, ...options });
  const url = await sandbox.listen();
  t.after(() => sandbox.close());
  const ask = async (method: string, path: string, body?: object, token?: string) => {
    const response = await fetch(`${url}/api/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(token === undefined ? {} : { 'x-tableau-auth': token }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    return { status: response.status, answer, text: JSON.stringify(answer) };
  };
  const signIn = async (credentials: object) => {
    const { status, text } = await ask('POST', '3.25/auth/signin', { credentials });
    return { status, token: /"token":"([^"]+)"/.exec(text)?.[1] };
  };
  const site = `3.25/sites/${sandbox.siteLuid}`;
  return { sandbox, ask, signIn, site };
}

interface Claims {
  kid?: string;
  secret?: string;
  minutes?: number;
  claims?: JWTPayload;
}

let ids = 0;
const token = ({ kid = app.secretId, secret = app.secretValue, minutes = 5, claims = {} }: Claims = {}) => {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: 'client', sub: 'Ana', aud: 'tableau', jti: `jti-${(ids += 1)}`, exp: now + minutes * 60, scp };
  return new SignJWT({ ...usual, ...claims })
    .setProtectedHeader({ alg: 'HS256', kid })
    .sign(new TextEncoder().encode(secret));
};

describe('a connected app', () => {
  test('signs in with a token as documented, and with each token once', async (t) => {
    const { signIn } = await open(t);
    const jwt = await token();
    assert.equal((await signIn({ jwt })).status, 200);
    assert.equal((await signIn({ jwt })).status, 401);
  });

  const wrong: [string, Claims][] = [
    ['kid', { kid: 'another' }],
    ['secret', { secret: 'another-value-of-the-secret-1234567' }],
    ['life', { minutes: 11 }],
    ['end', { minutes: -1 }],
    ['iss', { claims: { iss: 'another' } }],
    ['aud', { claims: { aud: 'another' } }],
    ['scp', { claims: { scp: 'tableau:content:read' } }],
  ];
  for (const [name, claims] of wrong)
    test(`is refused for a wrong ${name}`, async (t) => {
      const { signIn } = await open(t);
      assert.equal((await signIn({ jwt: await token(claims) })).status, 401);
    });

  test('may do only what its scopes allow', async (t) => {
    const { signIn, ask, site } = await open(t);
    const session = (await signIn({ jwt: await token() })).token;
    const statuses = await Promise.all(
      ['projects', 'jobs', 'flows', 'tasks/extractRefreshes', 'users', 'webhooks', 'flows/runs', 'tasks/runFlow'].map(
        async (path) => (await ask('GET', `${site}/${path}`, undefined, session)).status,
      ),
    );
    assert.deepEqual(statuses, [200, 200, 200, 401, 401, 401, 401, 401]);
  });
});

describe('the details of an item', () => {
  const query = {
    query: `query ($luids: [String]) {
      publishedDatasourcesConnection(filter: { luidWithin: $luids }) { nodes { luid downstreamWorkbooks { luid } } }
      workbooksConnection(filter: { luidWithin: $luids }) { nodes { luid embeddedDatasources { extractLastUpdateTime } } }
    }`,
    variables: { luids: ['ds', 'wb'] },
  };
  async function failed(t: TestContext, options: Partial<SandboxOptions> = {}) {
    const world = await open(t, options);
    const { panel } = world.sandbox;
    panel.add({
      kind: 'datasource',
      name: 'Customers',
      luid: 'ds',
      project: 'Finance/Daily',
      downstream: 2,
      tags: ['gold'],
    });
    panel.add({ kind: 'workbook', name: 'Sales', luid: 'wb' });
    const item = panel.find('ds') ?? assert.fail();
    await panel.fail(item);
    await panel.fail(item);
    const session = (await world.signIn({ personalAccessTokenName: pat.name, personalAccessTokenSecret: pat.secret }))
      .token;
    const get = (path: string) => world.ask('GET', `${world.site}/${path}`, undefined, session);
    return { ...world, get, graph: () => world.ask('POST', 'metadata/graphql', query, session) };
  }

  test('are projects, tags, schedule and failures in a row', async (t) => {
    const { get } = await failed(t);
    assert.match((await get('datasources/ds')).text, /"tags":\{"tag":\[\{"label":"gold"\}\]\}/);
    assert.match((await get('projects')).text, /"name":"Daily","parentProjectId":"[0-9a-f-]{36}"/);
    const tasks = (await get('tasks/extractRefreshes')).text;
    assert.match(tasks, /"consecutiveFailedCount":"2".*"nextRunAt":"[^"]+"\},"datasource":\{"id":"ds"\}/);
  });

  test('are its lineage, in part or not at all, as set', async (t) => {
    const { sandbox, graph } = await failed(t);
    const whole = (await graph()).text;
    assert.match(whole, /"downstreamWorkbooks":\[\{"luid":"ds-0"\},\{"luid":"ds-1"\}\]/);
    assert.match(whole, /"luid":"wb","embeddedDatasources"/);
    sandbox.settings.metadataApi = 'partial';
    const part = await graph();
    assert.equal(part.status, 200);
    assert.match(part.text, /"ds-1".*"errors":\[/);
    sandbox.settings.metadataApi = 'off';
    assert.equal((await graph()).status, 404);
  });
});
