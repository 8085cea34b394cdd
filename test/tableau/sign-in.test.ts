import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { credentialsFor, scopesFor, type SignInBy } from '../../src/tableau/rest/sign-in.js';
import { app, failureOf, tableauOutside } from './outside.js';

const byApp = { kind: 'jwt', ...app, username: 'Ana Lima' } as const;
const Jwt = Type.Object({ jwt: Type.String() });

async function tokenOf(by: SignInBy, version = '3.25'): Promise<string> {
  return Value.Parse(Jwt, await credentialsFor(by, 'emea', version)).jwt;
}

describe('the sign-in by a connected app', () => {
  test('the token has the claims that Tableau requires, and a new id each time', async () => {
    const [one, other] = [await tokenOf(byApp), await tokenOf(byApp)];
    assert.deepEqual(decodeProtectedHeader(one), { alg: 'HS256', kid: 'kid-1', iss: 'client' });
    const { iss, sub, aud, exp = 0, jti, scp } = decodeJwt(one);
    assert.deepEqual([iss, sub, aud, scp], ['client', 'Ana Lima', 'tableau', scopesFor('3.25')]);
    const minutes = (exp - Date.now() / 1000) / 60;
    assert.ok(minutes > 1 && minutes <= 10, `${minutes}`);
    assert.match(String(jti), /^[0-9a-f-]{36}$/);
    assert.notEqual(decodeJwt(other).jti, jti);
  });

  test('everything works in one session', async (t) => {
    const outside = await tableauOutside(t, { signIn: byApp }, { connectedApp: app });
    const input = await outside.failing('Customers', { kind: 'datasource', downstream: 2 });
    assert.equal((await outside.activities.lookUpItem(input)).owner, 'Ana Lima');
    assert.equal((await outside.activities.lookUpCause(input)).cause, 'Unable to connect to the server.');
    const { consecutiveFailures, downstreamWorkbooks, problems } = await outside.activities.lookUpSeverity(input);
    assert.deepEqual([consecutiveFailures, downstreamWorkbooks, problems], [1, 2, []]);
    const started = await outside.activities.rerun(input);
    assert.ok(started.state === 'queued' && started.job);
    assert.equal((await outside.activities.checkJob({ job: started.job })).state, 'running');
    assert.equal(outside.paths(/auth\/signin/), 1);
  });

  test('a request without its scope fails, the others work, and there are few sign-ins', async (t) => {
    const signIn = { ...byApp, scopes: ['tableau:content:read', 'tableau:users:read'] };
    const outside = await tableauOutside(t, { signIn }, { connectedApp: app });
    for (let n = 0; n < 10; n += 1) {
      const input = await outside.failing(`Report ${n}`);
      assert.deepEqual((await outside.activities.lookUpItem(input)).problems, []);
      assert.match(
        (await outside.activities.lookUpCause(input)).problems.join(),
        /^Tableau answered 401002: we may not/,
      );
      assert.match(
        (await outside.activities.lookUpSeverity(input)).problems.join(),
        /401002: we may not see the refresh/,
      );
      const start = await outside.activities.rerun(input);
      assert.match(start.state === 'refused' ? start.why : '', /scope tableau:tasks:run/);
    }
    // One to begin with, and one more for each kind of call that was refused.
    assert.ok(outside.paths(/auth\/signin/) <= 4, `${outside.paths(/auth\/signin/)}`);
  });

  test('jobs are not requested from a version that has no scope for them', async (t) => {
    assert.ok(!scopesFor('3.9').includes('tableau:jobs:read') && scopesFor('4.0').includes('tableau:jobs:read'));
    const outside = await tableauOutside(t, { signIn: byApp, apiVersion: '3.21' }, { connectedApp: app });
    const input = await outside.failing('Sales');
    const { problems } = await outside.activities.lookUpCause(input);
    assert.match(problems.join(), /REST API 3\.25 .*TABLEAU_RESTAPI_VERSION/);
    assert.equal(outside.paths(/jobs/), 0);
    assert.deepEqual((await outside.activities.lookUpSeverity(input)).problems, []);
  });

  test('a wrong secret is a problem that names what to check, and is in no log', async (t) => {
    const signIn = { ...byApp, secretValue: 'another-value-that-must-not-leak-123' };
    const outside = await tableauOutside(t, { signIn }, { connectedApp: app });
    const { message } = await failureOf(outside.activities.lookUpItem(await outside.failing('Sales')));
    assert.match(message, /401001: we may not sign in\. Check TABLEAU_CA_CLIENT.*clock/);
    assert.doesNotMatch(outside.logged.join() + message, /must-not-leak/);
  });
});

test('the sign-in by username and password', async (t) => {
  const user = { name: 'Ana Lima', password: 'a-password' };
  const signIn = { kind: 'password', username: user.name, password: user.password } as const;
  const outside = await tableauOutside(t, { signIn }, { users: [user] });
  const input = await outside.failing('Sales');
  assert.equal((await outside.activities.lookUpItem(input)).owner, 'Ana Lima');
  assert.equal((await outside.activities.lookUpCause(input)).problems.length, 0);

  const wrong = await tableauOutside(t, { signIn: { ...signIn, password: 'wrong' } }, { users: [user] });
  const { message } = await failureOf(wrong.activities.lookUpItem(await wrong.failing('Sales')));
  assert.match(message, /Check TABLEAU_USERNAME, TABLEAU_PASSWORD/);
});
