import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { preferAdminSignIn } from '../../src/commands/tableau-session.js';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig, loadRoleConfig, readEnvironment } from '../../src/config/config.js';
import { secretNames } from '../../src/config/secret-files.js';

const directory = await mkdtemp(join(tmpdir(), 'secrets-'));
after(() => rm(directory, { recursive: true }));
async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

const rest = {
  NODE_ENV: 'test',
  PUBLIC_URL: 'https://pager.example.com',
  TABLEAU_DOMAIN: 'tableau.example.com',
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_API_KEY: `SK${'0'.repeat(32)}`,
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
  OIDC_ISSUER: 'https://login.example.com',
  OIDC_CLIENT_ID: 'pager',
  TABLEAU_CA_CLIENT: 'client',
  TABLEAU_CA_SECRET_ID: 'id',
  TABLEAU_USERNAME: 'pager',
  TABLEAU_PAT_NAME: 'pager',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
};
const contentOf = (name: string): string => `content-of-${name}`;
const inFiles = async (ending = '\n'): Promise<Record<string, string>> =>
  Object.fromEntries(
    await Promise.all(
      secretNames.map(async (name) => [`${name}_FILE`, await file(name, `${contentOf(name)}${ending}`)] as const),
    ),
  );

function problems(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

describe('variables of outgoing webhooks', () => {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, contentOf(name)]));

  test('are those that begin with WEBHOOK_, from the environment or from files, and are kept out of logs', async () => {
    const config = loadConfig({
      ...rest,
      ...secrets,
      WEBHOOK_TEAM_URL: 'https://hooks.example.com/a',
      WEBHOOK_TEAM_SECRET_FILE: await file('team-secret', 'whsec_abc\n'),
      MY_WEBHOOK_URL: 'https://example.com',
    });
    assert.deepEqual(config.webhookVariables, {
      WEBHOOK_TEAM_URL: 'https://hooks.example.com/a',
      WEBHOOK_TEAM_SECRET: 'whsec_abc',
    });
    for (const value of ['https://hooks.example.com/a', 'whsec_abc']) assert.ok(config.secrets.includes(value));
  });

  test('are not for the api, which does not read their files', () => {
    const env = { ...rest, ...secrets, WEBHOOK_TEAM_URL_FILE: join(directory, 'missing') };
    assert.equal(loadRoleConfig(env, { api: true, worker: false }).webhookVariables, undefined);
    assert.match(problems(env).join(), /^WEBHOOK_TEAM_URL_FILE names .*missing, which cannot be read/);
  });
});

describe('secrets in files', () => {
  for (const [what, ending] of [
    ['nothing', ''],
    ['a line break', '\n'],
    ["a line break of Windows'", '\r\n'],
  ] as const) {
    test(`every secret is read when its file ends with ${what}`, async () => {
      const config = loadConfig({ ...rest, ...(await inFiles(ending)) });
      assert.equal(config.http.apiToken, contentOf('API_TOKEN'));
      assert.equal(config.http.signIn?.clientSecret, contentOf('OIDC_CLIENT_SECRET'));
      assert.deepEqual(config.http.webhookSecrets, [contentOf('TABLEAU_WEBHOOK_SECRET')]);
      assert.ok(config.tableau.signIn.kind === 'jwt');
      assert.equal(config.tableau.signIn.secretValue, contentOf('TABLEAU_CA_SECRET_VALUE'));
      assert.deepEqual(config.twilio.authTokens, [
        contentOf('TWILIO_AUTH_TOKEN'),
        contentOf('TWILIO_AUTH_TOKEN_ALTERNATE'),
      ]);
      assert.equal(config.twilio.apiKey?.secret, contentOf('TWILIO_API_SECRET'));
      assert.equal(config.temporal.connect.connectionOptions.apiKey, contentOf('TEMPORAL_API_KEY'));
      assert.ok(config.secrets.includes(contentOf('API_TOKEN')), 'what a file holds is kept out of the logs');
    });
  }

  test('a token or a password in a file signs an administrator in', async () => {
    const env = { ...rest, ...(await inFiles()) };
    const byToken = loadConfig(preferAdminSignIn(env)).tableau.signIn;
    assert.deepEqual(byToken, { kind: 'pat', name: 'pager', secret: contentOf('TABLEAU_PAT_SECRET') });
    const byPassword = loadConfig(preferAdminSignIn({ ...env, TABLEAU_PAT_NAME: '', TABLEAU_PAT_SECRET_FILE: '' }));
    const password = contentOf('TABLEAU_PASSWORD');
    assert.deepEqual(byPassword.tableau.signIn, { kind: 'password', username: 'pager', password });
  });

  test('only the last line break is removed', async () => {
    const env = { ...rest, ...(await inFiles()), TABLEAU_CA_SECRET_VALUE_FILE: await file('spaces', ' a b \n') };
    const { signIn } = loadConfig(env).tableau;
    assert.equal(signIn.kind === 'jwt' && signIn.secretValue, ' a b ');
  });

  test('.env may name the files', async () => {
    const path = await file('TWILIO_API_SECRET', contentOf('TWILIO_API_SECRET'));
    await file('.env', `TWILIO_API_SECRET_FILE=${path}\n`);
    const env = readEnvironment(directory);
    const config = loadConfig({ ...rest, ...(await inFiles()), TWILIO_API_SECRET_FILE: env.TWILIO_API_SECRET_FILE });
    assert.equal(config.twilio.apiKey?.secret, contentOf('TWILIO_API_SECRET'));
  });
});

describe('a problem of a file is one sentence with variable, path and reason', () => {
  const without = async (env: Record<string, string>) => problems({ ...rest, ...(await inFiles()), ...env });
  const wrong: [string, string, () => Promise<string>, RegExp][] = [
    ['that is not there', 'API_TOKEN', async () => '/no/such/file', /\/no\/such\/file.*no such file/],
    ['that is a directory', 'TWILIO_AUTH_TOKEN', async () => directory, /it is a directory/],
    ['that is empty', 'TWILIO_API_SECRET', () => file('empty', '\n'), /empty, which is empty/],
    ['of two lines', 'TEMPORAL_API_KEY', () => file('two', 'one\ntwo\n'), /more than one line/],
  ];
  for (const [what, name, path, why] of wrong) {
    test(`a file ${what}`, async () => {
      const found = await without({ [`${name}_FILE`]: await path() });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', new RegExp(`^${name}_FILE names /`));
      assert.match(found[0] ?? '', why);
    });
  }

  test('a variable and its file at once, in a sentence without the value', async () => {
    const found = await without({ API_TOKEN: 'sesame-open-the-door' });
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /^API_TOKEN and API_TOKEN_FILE \(\/.*API_TOKEN\) are both set/);
    assert.doesNotMatch(found.join(), /sesame|content-of/);
  });

  test('several problems are reported at once', async () => {
    const found = await without({
      API_TOKEN_FILE: '/no/such/file',
      TABLEAU_WEBHOOK_SECRET_FILE: '/no/such/file',
      TWILIO_API_SECRET_FILE: '/no/such/file',
      PUBLIC_URL: '',
    });
    assert.equal(found.length, 4, found.join('\n'));
  });
});
