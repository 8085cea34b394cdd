import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';
import { production } from '../packaging/files.js';

const oidc = {
  OIDC_ISSUER: 'https://login.example.com/realms/data',
  OIDC_CLIENT_ID: 'tableau-webhooks',
  OIDC_CLIENT_SECRET: 'Vx7q-Lm2w-Zr9k-Tb4n',
};

function problems(changes: Record<string, string>): string[] {
  try {
    loadConfig({ ...production, ...changes });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

test('without the variables people sign in by the API token alone', () => {
  assert.equal(loadConfig(production).http.signIn, undefined);
});

test('the provider and whom it lets in', () => {
  const { http, secrets } = loadConfig({
    ...production,
    ...oidc,
    OIDC_ADMINS: 'Lead@Example.com, group:Data Platform',
    OIDC_VIEWERS: '*@example.com',
  });
  assert.deepEqual(http.signIn, {
    issuer: oidc.OIDC_ISSUER,
    clientId: 'tableau-webhooks',
    clientSecret: oidc.OIDC_CLIENT_SECRET,
    scope: 'openid email profile',
    people: { viewer: ['*@example.com'], responder: [], admin: ['lead@example.com', 'group:Data Platform'] },
  });
  assert.ok(secrets.includes(oidc.OIDC_CLIENT_SECRET), 'it is kept out of the log');
});

describe('a sentence names the variable', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['that is missing', { ...oidc, OIDC_CLIENT_SECRET: '' }, /^OIDC_CLIENT_SECRET is missing: OIDC_ISSUER needs/],
    ['that alone says nothing', { OIDC_ADMINS: 'lead@example.com' }, /^OIDC_ISSUER is missing: OIDC_ADMINS needs/],
    ['of an issuer without https', { ...oidc, OIDC_ISSUER: 'http://127.0.0.1:8080' }, /^OIDC_ISSUER must be the https/],
    ['of an issuer that is no address', { ...oidc, OIDC_ISSUER: 'login' }, /^OIDC_ISSUER must be/],
    ['of a scope without openid', { ...oidc, OIDC_SCOPE: 'email profile' }, /^OIDC_SCOPE must have openid/],
    ['of a list that lets in everybody', { ...oidc, OIDC_VIEWERS: '*' }, /^OIDC_VIEWERS must be e-mail addresses/],
    ['of an address with any domain', { ...oidc, OIDC_ADMINS: 'ana@*' }, /^OIDC_ADMINS must be e-mail addresses/],
    ['of a group without a name', { ...oidc, OIDC_RESPONDERS: 'group:' }, /^OIDC_RESPONDERS must be/],
    ['of a weak secret', { ...oidc, OIDC_CLIENT_SECRET: 'changeme' }, /^OIDC_CLIENT_SECRET is a placeholder/],
  ];
  for (const [what, changes, sentence] of cases)
    test(what, () => {
      const [first = '', ...others] = problems(changes);
      assert.match(first, sentence);
      assert.deepEqual(others, []);
    });

  test('and outside production an issuer on this machine may be http', () => {
    const local = { ...oidc, NODE_ENV: 'development', OIDC_ISSUER: 'http://127.0.0.1:8080' };
    assert.deepEqual(problems(local), []);
    assert.match(problems({ ...local, OIDC_ISSUER: 'http://login.example.com' })[0] ?? '', /^OIDC_ISSUER must be/);
  });
});
