import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig, loadTemporal, readEnvironment } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';

const good = {
  PUBLIC_URL: 'https://pager.example.com/tableau/',
  API_TOKEN: 'kZ8v-9qaR-w3Tn-5bLx-h7',
  TABLEAU_DOMAIN: 'eu-west-1a.online.tableau.com',
  TABLEAU_WEBHOOK_SECRET: 'vG6p-first-Qm2x-rT8s, vG6p-second-Lc5w-yH3d',
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: 'pat-Kf92nQ==:zt7',
  TWILIO_ACCOUNT_SID: 'AC0123456789abcdef0123456789ABCDEF',
  TWILIO_AUTH_TOKEN: '7d1f0c5a9be84236af0d7c15e2b9468a',
  TWILIO_FROM_NUMBER: '+1 555-000-9999',
  TWILIO_TO_NUMBER: 'whatsapp:+15550000001',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
};

function problems(env: Record<string, string | undefined>): string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

describe('a complete environment', () => {
  test('becomes a configuration, with defaults', () => {
    const config = loadConfig(good);
    assert.equal(config.publicUrl, 'https://pager.example.com/tableau');
    assert.deepEqual(config.http, {
      host: '0.0.0.0',
      port: 3000,
      apiToken: good.API_TOKEN,
      webhookSecrets: ['vG6p-first-Qm2x-rT8s', 'vG6p-second-Lc5w-yH3d'],
      twilio: { accountSid: good.TWILIO_ACCOUNT_SID, authTokens: [good.TWILIO_AUTH_TOKEN] },
    });
    assert.deepEqual(config.tableau, {
      domain: 'https://eu-west-1a.online.tableau.com',
      siteName: '',
      apiVersion: '3.21',
      sessionMinutes: 110,
      signIn: { kind: 'pat', name: 'pager', secret: 'pat-Kf92nQ==:zt7' },
      signInReason: 'The sign-in to Tableau is by the personal access token (TABLEAU_PAT_*).',
    });
    assert.deepEqual(config.twilio, {
      accountSid: good.TWILIO_ACCOUNT_SID,
      authTokens: [good.TWILIO_AUTH_TOKEN],
      from: '+15550009999',
    });
    assert.deepEqual(config.defaultContact, { phone: '+15550000001' });
    assert.equal(config.temporal.embedded, null);
    assert.equal(config.temporal.connect.connectionOptions.address, 'temporal.example.com:7233');
    assert.equal(config.production, true, 'unless NODE_ENV says otherwise');
    assert.deepEqual(config.log, { level: 'info', pretty: false });
    for (const NODE_ENV of ['development', 'test']) assert.equal(loadConfig({ ...good, NODE_ENV }).production, false);
    assert.equal(loadConfig({ ...good, NODE_ENV: 'development' }).log.pretty, true);
    assert.equal(loadConfig({ ...good, NODE_ENV: 'test' }).log.pretty, false);
  });

  test('an empty variable counts as unset', () => {
    const empty = { HOST: '', PORT: ' ', WHATSAPP_TO: '', LOG_LEVEL: '', TWILIO_API_KEY: '', ESCALATION_FILE: '' };
    assert.deepEqual(loadConfig({ ...good, ...empty }), loadConfig(good));
  });

  test('contains the optional variables', () => {
    const more = {
      NODE_ENV: 'production',
      PORT: '8080',
      WHATSAPP_FROM: 'whatsapp:+1 (415) 523-8886',
      WHATSAPP_TO: '+15550000001',
      TWILIO_AUTH_TOKEN_ALTERNATE: 'c20e7b9d4f1a8563d0be61f7a9453c82',
      TWILIO_API_KEY: 'SK0123456789abcdef0123456789abcdef',
      TWILIO_API_SECRET: 'Yw3-of-the-key',
      TWILIO_MESSAGING_SERVICE_SID: 'MG0123456789abcdef0123456789abcdef',
      WHATSAPP_CONTENT_SID: 'HX0123456789abcdef0123456789abcdef',
      TWILIO_API_BASE_URL: 'http://localhost:4000/',
      TABLEAU_DOMAIN: 'http://127.0.0.1:4000',
      TEMPORAL_NAMESPACE: 'pager',
    };
    const config = loadConfig({ ...good, ...more });
    assert.deepEqual(config.twilio, {
      accountSid: good.TWILIO_ACCOUNT_SID,
      authTokens: [good.TWILIO_AUTH_TOKEN, more.TWILIO_AUTH_TOKEN_ALTERNATE],
      apiKey: { sid: more.TWILIO_API_KEY, secret: 'Yw3-of-the-key' },
      from: '+15550009999',
      whatsappFrom: '+14155238886',
      messagingServiceSid: more.TWILIO_MESSAGING_SERVICE_SID,
      contentSid: more.WHATSAPP_CONTENT_SID,
      apiBaseUrl: 'http://localhost:4000',
    });
    assert.equal(config.tableau.domain, 'http://127.0.0.1:4000');
    assert.equal(config.temporal.connect.namespace, 'pager');
    assert.equal(config.production, true);
    assert.equal(config.log.pretty, false);
    assert.ok(Object.isFrozen(config.twilio));
    for (const secret of [good.API_TOKEN, 'vG6p-second-Lc5w-yH3d', good.TABLEAU_PAT_SECRET, 'Yw3-of-the-key']) {
      assert.ok(config.secrets.includes(secret), secret);
    }
  });

  test('contains the trusted proxies, as a number or as addresses', () => {
    const proxies = (TRUSTED_PROXIES: string) => loadConfig({ ...good, TRUSTED_PROXIES }).http.trustedProxies;
    assert.equal(proxies('1'), 1);
    assert.deepEqual(proxies('10.0.0.0/8, loopback,fd00::/8,192.0.2.7'), [
      '10.0.0.0/8',
      'loopback',
      'fd00::/8',
      '192.0.2.7',
    ]);
  });

  test('contains an address of Temporal with or without a port', () => {
    const address = (TEMPORAL_ADDRESS: string) =>
      loadConfig({ ...good, TEMPORAL_ADDRESS }).temporal.connect.connectionOptions.address;
    for (const given of ['temporal:7233', 'temporal_frontend:7233', '10.0.0.7:7233', '[fd00::1]:7233', 'localhost'])
      assert.ok(address(given)?.startsWith(given), given);
  });

  test('without TEMPORAL_ADDRESS has an embedded Temporal', () => {
    const embedded = (env: object) =>
      loadConfig({ ...good, NODE_ENV: 'development', TEMPORAL_ADDRESS: '', ...env }).temporal.embedded;
    assert.deepEqual(embedded({}), { port: 7233 });
    assert.deepEqual(embedded({ EMBEDDED_TEMPORAL_PORT: '7300' }), { port: 7300 });
    assert.deepEqual(embedded({ NODE_ENV: 'production', EMBEDDED_TEMPORAL: 'true' }), { port: 7233 });
  });
});

describe('where Temporal is', () => {
  test('is known without the variables of anything else', () => {
    const own = loadTemporal({ TEMPORAL_ADDRESS: 'temporal.example.com:7233', TEMPORAL_NAMESPACE: 'pages', PORT: 'x' });
    assert.deepEqual(own, loadConfig({ ...good, TEMPORAL_NAMESPACE: 'pages' }).temporal);
    assert.deepEqual(loadTemporal({ NODE_ENV: 'test', EMBEDDED_TEMPORAL_PORT: '8000' }).embedded, { port: 8000 });
  });

  test('is refused where its own variables are wrong, and those alone', () => {
    for (const [env, problem] of [
      [{}, /^TEMPORAL_ADDRESS is missing/],
      [{ TEMPORAL_ADDRESS: 'http://temporal' }, /^TEMPORAL_ADDRESS must be host:port/],
      [{ TEMPORAL_ADDRESS: 'a:1', EMBEDDED_TEMPORAL: 'yes' }, /^EMBEDDED_TEMPORAL is wrong/],
      [{ TEMPORAL_ADDRESS: 'a:1', TEMPORAL_API_KEY_FILE: '/nowhere' }, /^TEMPORAL_API_KEY_FILE names \/nowhere/],
    ] as const)
      assert.throws(
        () => loadTemporal(env),
        (error) => error instanceof ConfigError && error.problems.length === 1 && problem.test(error.problems[0] ?? ''),
      );
  });
});

test('every missing variable is reported at once', () => {
  const named = problems({}).map((problem) => /^[A-Z_]+/.exec(problem)?.[0]);
  const expected = [
    'API_TOKEN',
    'PUBLIC_URL',
    'TABLEAU_DOMAIN',
    'TABLEAU_PAT_NAME',
    'TABLEAU_WEBHOOK_SECRET',
    'TEMPORAL_ADDRESS',
    'TWILIO_ACCOUNT_SID',
    'TWILIO_AUTH_TOKEN',
    'TWILIO_FROM_NUMBER',
    'TWILIO_TO_NUMBER',
  ];
  assert.equal(named.length, expected.length);
  assert.deepEqual(new Set(named), new Set(expected));
  for (const problem of problems({})) assert.match(problem, /missing: write /);
});

describe('a wrong variable is reported, as the only problem', () => {
  const production = { NODE_ENV: 'production' };
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['a relative PUBLIC_URL', { PUBLIC_URL: 'pager.example.com' }, /^PUBLIC_URL must be an absolute/],
    ['PUBLIC_URL with a query', { PUBLIC_URL: 'https://a.example.com/?a=b' }, /^PUBLIC_URL must be/],
    ['PUBLIC_URL by http', { ...production, PUBLIC_URL: 'http://a.example.com' }, /^PUBLIC_URL .*https address/],
    ['a short API_TOKEN', { ...production, API_TOKEN: 'abcdefgh12345' }, /^API_TOKEN must have at least 16/],
    ['API_TOKEN with a space', { API_TOKEN: 'abcdefgh 12345678' }, /^API_TOKEN is wrong/],
    ['TABLEAU_DOMAIN by http', { TABLEAU_DOMAIN: 'http://tableau.example.com' }, /^TABLEAU_DOMAIN must be/],
    ['TABLEAU_DOMAIN with a path', { TABLEAU_DOMAIN: 'https://a.example.com/#/site/x' }, /^TABLEAU_DOMAIN must be/],
    ['the name of a site', { TABLEAU_SITENAME: 'My Site' }, /^TABLEAU_SITENAME is wrong.*URL/],
    ['a REST version', { TABLEAU_RESTAPI_VERSION: 'v3' }, /^TABLEAU_RESTAPI_VERSION is wrong/],
    ['minutes', { TABLEAU_SESSION_MINUTES: '0' }, /^TABLEAU_SESSION_MINUTES is wrong/],
    [
      'a short secret',
      { ...production, TABLEAU_WEBHOOK_SECRET: `${good.TABLEAU_WEBHOOK_SECRET},short` },
      /^TABLEAU_WEBHOOK_SECRET .*16/,
    ],
    ['a secret with a slash', { TABLEAU_WEBHOOK_SECRET: 'a/secret/that/is/long' }, /^TABLEAU_WEBHOOK_SECRET must/],
    ['half a token', { TABLEAU_PAT_SECRET: '' }, /^TABLEAU_PAT_SECRET is missing/],
    ['the other half', { TABLEAU_PAT_NAME: '' }, /^TABLEAU_PAT_NAME is missing/],
    ['an account SID', { TWILIO_ACCOUNT_SID: 'AC123' }, /^TWILIO_ACCOUNT_SID is wrong/],
    ['half an API key', { TWILIO_API_SECRET: 'Yw3-of-the-key' }, /^TWILIO_API_KEY and TWILIO_API_SECRET go together/],
    ['a national number', { TWILIO_FROM_NUMBER: '0555 000 9999' }, /^TWILIO_FROM_NUMBER is wrong.*E\.164/],
    ['a number that is too short', { TWILIO_TO_NUMBER: '+12345' }, /^TWILIO_TO_NUMBER is wrong/],
    ['WhatsApp without a sender', { WHATSAPP_TO: '+15550000001' }, /^WHATSAPP_FROM is missing/],
    ['nobody to page', { TWILIO_TO_NUMBER: '' }, /^TWILIO_TO_NUMBER or ESCALATION_FILE is missing/],
    ['another Twilio by http', { TWILIO_API_BASE_URL: 'http://twilio.example.com' }, /^TWILIO_API_BASE_URL must/],
    ['all proxies', { TRUSTED_PROXIES: 'true' }, /^TRUSTED_PROXIES must be how many/],
    ['no proxy', { TRUSTED_PROXIES: '0' }, /^TRUSTED_PROXIES must be/],
    ['a proxy by its name', { TRUSTED_PROXIES: 'loopback,proxy.example.com' }, /^TRUSTED_PROXIES must be/],
    ['a range that is none', { TRUSTED_PROXIES: '10.0.0.0/33' }, /^TRUSTED_PROXIES must be/],
    [
      'a Web UI without http',
      { TEMPORAL_UI_URL: 'temporal.example.com' },
      /^TEMPORAL_UI_URL is wrong: it must be the address/,
    ],
    ['a port', { PORT: '70000' }, /^PORT must be a port number up to 65535/],
    ['no port at all', { PORT: 'abc' }, /^PORT is wrong/],
    ['a port without room for the Web UI', { EMBEDDED_TEMPORAL_PORT: '65000' }, /^EMBEDDED_TEMPORAL_PORT must/],
    ['NODE_ENV', { NODE_ENV: 'prod' }, /^NODE_ENV is wrong/],
    ['LOG_LEVEL', { LOG_LEVEL: 'verbose' }, /^LOG_LEVEL is wrong/],
    ['embedding in production', { ...production, TEMPORAL_ADDRESS: '' }, /^TEMPORAL_ADDRESS .*EMBEDDED_TEMPORAL=true/],
    ['no Temporal at all', { EMBEDDED_TEMPORAL: 'false', TEMPORAL_ADDRESS: '' }, /^TEMPORAL_ADDRESS is missing/],
    [
      'an http address of Temporal',
      { TEMPORAL_ADDRESS: 'http://temporal.example.com:7233' },
      /^TEMPORAL_ADDRESS must be host:port without http/,
    ],
    [
      'an https address of Temporal',
      { TEMPORAL_ADDRESS: 'https://a.b2c3.tmprl.cloud:7233/' },
      /^TEMPORAL_ADDRESS must be host:port/,
    ],
    ['a port of Temporal', { TEMPORAL_ADDRESS: 'temporal.example.com:72333' }, /^TEMPORAL_ADDRESS must be host:port/],
    ['two Temporals', { EMBEDDED_TEMPORAL: 'true' }, /^EMBEDDED_TEMPORAL=true and TEMPORAL_ADDRESS contradict/],
    [
      'a certificate that is not there',
      { TEMPORAL_TLS_CLIENT_CERT_PATH: '/no/such/file', TEMPORAL_TLS_CLIENT_KEY_PATH: '/no/such/file' },
      /^TEMPORAL_\* cannot be used/,
    ],
    [
      'a key without its certificate',
      { TEMPORAL_TLS_CLIENT_KEY_PATH: '/no/such/file' },
      /^TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH go together/,
    ],
  ];
  for (const [name, env, expected] of wrong) {
    test(name, () => {
      const found = problems({ ...good, ...env });
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', expected);
    });
  }
});

describe('the sign-in to Tableau', () => {
  const none = { TABLEAU_PAT_NAME: '', TABLEAU_PAT_SECRET: '' };
  const app = {
    TABLEAU_CA_CLIENT: 'c',
    TABLEAU_CA_SECRET_ID: 'i',
    TABLEAU_CA_SECRET_VALUE: 'v',
    TABLEAU_USERNAME: 'u',
  };
  const signIn = (env: object) => loadConfig({ ...good, NODE_ENV: 'test', ...env }).tableau.signIn;
  const password = { TABLEAU_USERNAME: 'u', TABLEAU_PASSWORD: 'p' };

  test('a connected app is preferred to a token, and a token to a password', () => {
    const byApp = { kind: 'jwt', clientId: 'c', secretId: 'i', secretValue: 'v', username: 'u' };
    assert.deepEqual(signIn({ ...none, ...app }), byApp);
    assert.deepEqual(signIn({ ...app, ...password }), byApp);
    assert.equal(signIn(password).kind, 'pat');
    assert.deepEqual(signIn({ ...none, ...password }), { kind: 'password', username: 'u', password: 'p' });
  });
  test('which one is used and why is a sentence, with those that are not used', () => {
    const reason = (env: object) => loadConfig({ ...good, NODE_ENV: 'test', ...env }).tableau.signInReason;
    assert.equal(
      reason(app),
      'The sign-in to Tableau is by the connected app (TABLEAU_CA_*). It is preferred to the personal access token (TABLEAU_PAT_*): to use another one, empty the variables of this one.',
    );
    assert.match(reason({ ...app, ...password }), /preferred to the personal .* and user and password \(TABLEAU_/);
    assert.equal(
      reason({ ...none, ...password }),
      'The sign-in to Tableau is by user and password (TABLEAU_USERNAME, TABLEAU_PASSWORD).',
    );
  });
  test('an incomplete set of variables is reported', () => {
    assert.match(problems({ ...good, TABLEAU_CA_CLIENT: 'c' }).join(), /^TABLEAU_CA_SECRET_ID is missing: a connected/);
    assert.match(problems({ ...good, ...app, TABLEAU_USERNAME: '' }).join(), /^TABLEAU_USERNAME is missing/);
    assert.match(problems({ ...good, ...none, TABLEAU_PASSWORD: 'p' }).join(), /^TABLEAU_USERNAME is missing/);
  });
  test('every secret of it is redacted in the log', () => {
    const hidden = { ...app, TABLEAU_CA_SECRET_VALUE: 'value-of-the-app' };
    assert.ok(loadConfig({ ...good, NODE_ENV: 'test', ...hidden }).secrets.includes('value-of-the-app'));
    const secret = { ...none, TABLEAU_USERNAME: 'u', TABLEAU_PASSWORD: 'sesame-open' };
    assert.ok(loadConfig({ ...good, NODE_ENV: 'test', ...secret }).secrets.includes('sesame-open'));
  });
});

test('http to Tableau beyond this machine requires TABLEAU_ALLOW_HTTP=true', () => {
  const inside = { ...good, TABLEAU_DOMAIN: 'http://tableau.internal' };
  assert.match(problems(inside).join(), /^TABLEAU_DOMAIN must be .* TABLEAU_ALLOW_HTTP=true/);
  assert.match(problems({ ...inside, TABLEAU_ALLOW_HTTP: 'false' }).join(), /^TABLEAU_DOMAIN must be /);
  assert.match(
    problems({ ...inside, TABLEAU_ALLOW_HTTP: 'yes' }).join(),
    /^TABLEAU_ALLOW_HTTP is wrong: .* true or false/,
  );
  const allowed = { TABLEAU_ALLOW_HTTP: 'true' };
  assert.equal(loadConfig({ ...inside, ...allowed }).tableau.domain, 'http://tableau.internal');
  assert.equal(loadConfig({ ...good, ...allowed }).tableau.domain, 'https://eu-west-1a.online.tableau.com');
  const twilio = { ...good, ...allowed, TWILIO_API_BASE_URL: 'http://twilio.internal' };
  assert.match(problems(twilio).join(), /^TWILIO_API_BASE_URL must be /, 'it concerns Tableau alone');
});

test('no problem contains the value of a variable', () => {
  const values = Object.fromEntries(Object.keys(good).map((name) => [name, 'sesame/open me']));
  const reported = problems({ ...values, NODE_ENV: 'production' }).join('\n');
  assert.ok(reported.length > 0);
  assert.doesNotMatch(reported, /sesame/);
});

test('.env is read, and the environment of the process has precedence', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'env-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, '.env'), 'ONLY_IN_FILE="yes" # really\nPATH=/nowhere\n');
  const env = readEnvironment(directory);
  assert.equal(env.ONLY_IN_FILE, 'yes');
  assert.equal(env.PATH, process.env.PATH);
  assert.equal(readEnvironment(join(directory, 'none')).PATH, process.env.PATH);
});
