import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig, loadRoleConfig } from '../../src/config/config.js';
import { createTwilioClient } from '../../src/twilio/client.js';
import { production as complete } from '../packaging/files.js';

const [api, worker, both] = [
  { api: true, worker: false },
  { api: false, worker: true },
  { api: true, worker: true },
];
const { API_TOKEN, TABLEAU_WEBHOOK_SECRET, TABLEAU_DOMAIN, TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET, ...rest } = complete;
const { TWILIO_FROM_NUMBER, TWILIO_AUTH_TOKEN, ...common } = rest;
const key = { TWILIO_API_KEY: `SK${'0123456789abcdef'.repeat(2)}`, TWILIO_API_SECRET: 'Zp4wQe7rTy2uIo9x' };
const ofApi = { ...common, API_TOKEN, TABLEAU_WEBHOOK_SECRET, TWILIO_AUTH_TOKEN };
const ofWorker = { ...common, TABLEAU_DOMAIN, TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET, TWILIO_FROM_NUMBER, ...key };

const problems = (...args: Parameters<typeof loadRoleConfig>): string[] => {
  try {
    loadRoleConfig(...args);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems.map((problem) => /^[A-Z_]+/.exec(problem)?.[0] ?? problem);
  }
};

describe('an api', () => {
  test('needs neither a sign-in to Tableau nor a key that sends', () => {
    const { http, tableau, twilio } = loadRoleConfig(ofApi, api);
    assert.deepEqual([http, tableau, twilio], [loadConfig(complete).http, undefined, undefined]);
  });

  test('needs its own variables, and the token with which Twilio signs', () => {
    const missing = ['API_TOKEN', 'TABLEAU_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN'];
    assert.deepEqual(problems({ ...ofWorker }, api).toSorted(), missing);
  });
});

describe('a worker', () => {
  test('with an API key needs no secret of the api and no auth token', () => {
    const { http, tableau, twilio } = loadRoleConfig(ofWorker, worker);
    assert.deepEqual([http, tableau], [undefined, loadConfig(complete).tableau]);
    const { TWILIO_API_KEY: sid, TWILIO_API_SECRET: secret } = key;
    assert.deepEqual([twilio?.authTokens, twilio?.apiKey], [[], { sid, secret }]);
    assert.doesNotThrow(() => twilio && createTwilioClient(twilio));
  });

  test('without an API key needs the auth token', () => {
    const none = { TWILIO_API_KEY: '', TWILIO_API_SECRET: '' };
    assert.deepEqual(problems({ ...ofWorker, ...none }, worker), ['TWILIO_AUTH_TOKEN']);
    assert.deepEqual(problems({ ...ofWorker, ...none, TWILIO_AUTH_TOKEN }, worker), []);
  });

  test('needs its own variables', () => {
    const missing = ['TABLEAU_DOMAIN', 'TABLEAU_PAT_NAME', 'TWILIO_FROM_NUMBER'];
    assert.deepEqual(problems({ ...ofApi }, worker).toSorted(), missing);
  });
});

test('what a role does not need is not looked at, also where it is set or wrong', () => {
  const ofOthers = {
    api: { TABLEAU_PAT_SECRET_FILE: '/no/such/file', TWILIO_API_SECRET: 'Zp4wQe7rTy2uIo9x', TABLEAU_DOMAIN: 'a b' },
    worker: { API_TOKEN: 'x', TABLEAU_WEBHOOK_SECRET_FILE: '/no/such/file', TWILIO_AUTH_TOKEN_FILE: '/no/such/file' },
  };
  assert.deepEqual(loadRoleConfig({ ...ofApi, ...ofOthers.api }, api), loadRoleConfig(ofApi, api));
  assert.deepEqual(loadRoleConfig({ ...ofWorker, ...ofOthers.worker }, worker), loadRoleConfig(ofWorker, worker));
});

test('links derive from LINK_SECRET, else from the API token, which a worker need not have', () => {
  const LINK_SECRET = 'Nv5kYw8eDq3sHb6u';
  const secretOf = (...args: Parameters<typeof loadRoleConfig>) => loadRoleConfig(...args).linkSecret;
  assert.deepEqual([secretOf(ofApi, api), secretOf({ ...ofWorker, API_TOKEN }, worker)], [API_TOKEN, API_TOKEN]);
  assert.equal(secretOf(ofWorker, worker), undefined);
  for (const role of [api, worker]) assert.equal(secretOf({ ...ofApi, ...ofWorker, LINK_SECRET }, role), LINK_SECRET);
  assert.ok(loadRoleConfig({ ...ofWorker, API_TOKEN }, worker).secrets.includes(API_TOKEN));
  assert.deepEqual(problems({ ...ofWorker, LINK_SECRET: 'short' }, worker), ['LINK_SECRET']);
});

test('both roles in one process need all of it', () => {
  assert.deepEqual(loadRoleConfig(complete, both), loadConfig(complete));
  assert.deepEqual(problems(ofApi, both).toSorted(), ['TABLEAU_DOMAIN', 'TABLEAU_PAT_NAME', 'TWILIO_FROM_NUMBER']);
  assert.deepEqual(problems(ofWorker, both).toSorted(), ['API_TOKEN', 'TABLEAU_WEBHOOK_SECRET', 'TWILIO_AUTH_TOKEN']);
});
