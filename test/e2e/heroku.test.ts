import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { loadConfig } from '../../src/config/config.js';
import { commands, explained, manifest, production, read, readYaml, variables } from '../packaging/files.js';

const Variable = Type.Object(
  {
    description: Type.String({ minLength: 10 }),
    value: Type.Optional(Type.String()),
    generator: Type.Optional(Type.Literal('secret')),
    required: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
const app = readYaml(
  Type.Object({
    stack: Type.String({ pattern: '^heroku-\\d+$' }),
    buildpacks: Type.Array(Type.Object({ url: Type.Literal('heroku/nodejs') })),
    formation: Type.Record(Type.String(), Type.Object({ quantity: Type.Integer({ minimum: 1 }), size: Type.String() })),
    env: Type.Record(Type.String(), Variable),
  }),
  'app.json',
);
const processes = Object.fromEntries(
  read('Procfile')
    .trim()
    .split('\n')
    .map((line): [string, string] => {
      const [name = '', command = ''] = line.split(/: /);
      return [name, command];
    }),
);

describe('Heroku', () => {
  test('runs api and worker as separate processes, and checks a release before it runs', () => {
    assert.deepEqual(processes, {
      web: 'node dist/main.js api',
      worker: 'node dist/main.js worker',
      release: 'node dist/main.js check',
    });
    for (const command of Object.values(processes)) assert.ok(commands.includes(command.split(' ').at(-1) ?? ''));
    assert.deepEqual(Object.keys(app.formation), ['web', 'worker']);
    // A dyno that sleeps pages nobody.
    for (const { size } of Object.values(app.formation)) assert.notEqual(size, 'eco');
    assert.ok('build' in manifest.scripts, 'the build that the buildpack runs');
  });

  test('app.json describes every variable that the code reads, and no other', () => {
    const described = Object.keys(app.env);
    // PORT is given by Heroku.
    for (const name of variables().filter((it) => it !== 'PORT')) assert.ok(described.includes(name), name);
    const known = [...variables(), ...explained(), 'TRUSTED_PROXIES'];
    for (const name of described) assert.ok(known.includes(name) || name.startsWith('TEMPORAL_TLS_'), name);
  });

  test('the variables that app.json requires, with a sign-in and a number to page, are a valid configuration', () => {
    const given = Object.entries(app.env).flatMap(([name, { value, generator, required = true }]) => {
      if (value !== undefined) return [[name, value]];
      if (generator) return [[name, name === 'API_TOKEN' ? 'b7e1d4905c3fa8264e1f07d9' : '3f9a2c8e51d07b64a2f0c93e']];
      return required ? [[name, Object.entries(production).find(([it]) => it === name)?.[1] ?? 'pager.a1b2c']] : [];
    });
    const { TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET, TWILIO_TO_NUMBER } = production;
    const config = loadConfig({ ...Object.fromEntries(given), TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET, TWILIO_TO_NUMBER });
    assert.equal(config.production, true);
    assert.deepEqual([config.temporal.embedded, config.temporal.connect.namespace], [null, 'pager.a1b2c']);
  });

  test('docs/operations.md has the whole way: create, buildpack, every required variable, push, both dynos', () => {
    const [, block = ''] = /\n### Heroku\n[^]*?```sh\n([^]*?)```/.exec(read('docs/operations.md')) ?? [];
    const order = [
      'heroku create',
      'heroku buildpacks:clear',
      `heroku buildpacks:set ${app.buildpacks[0]?.url}`,
      `heroku stack:set ${app.stack}`,
      'heroku config:set',
      'git push heroku',
      'heroku ps:scale web=1:basic worker=1:basic',
    ];
    const places = order.map((command) => block.indexOf(command));
    assert.ok(!places.includes(-1), order[places.indexOf(-1)]);
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    const set = [...block.matchAll(/ ([A-Z_]+)=/g)].map(([, name]) => name);
    for (const [name, { required = true, value }] of Object.entries(app.env))
      if (required && value === undefined) assert.ok(set.includes(name), name);
    for (const name of ['NODE_ENV', 'TABLEAU_PAT_NAME', 'TABLEAU_PAT_SECRET', 'TWILIO_TO_NUMBER'])
      assert.ok(set.includes(name), name);
    assert.match(read('docs/operations.md'), /\*\*Without a worker dyno nobody is paged\.\*\*/);
  });

  test('certificates for Temporal are variables, since a dyno has no files', () => {
    const [certificate, key] = ['-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----', '-----BEGIN KEY-----\nB'];
    const env = { ...production, TEMPORAL_TLS_CLIENT_CERT_DATA: certificate, TEMPORAL_TLS_CLIENT_KEY_DATA: key };
    const { tls } = loadConfig(env).temporal.connect.connectionOptions;
    const pair = typeof tls === 'object' && tls !== null ? tls.clientCertPair : undefined;
    const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
    assert.deepEqual([text(pair?.crt), text(pair?.key)], [certificate, key]);
    for (const name of ['TEMPORAL_TLS_CLIENT_CERT_DATA', 'TEMPORAL_TLS_CLIENT_KEY_DATA'])
      assert.ok(name in app.env, name);
  });
});

test('.env.example explains every variable that the code reads, and no other', () => {
  const names = explained();
  for (const name of variables()) assert.ok(names.includes(name), name);
  const known = new Set([...variables(), 'TRUSTED_PROXIES']);
  for (const name of names) {
    assert.ok(known.has(name) || known.has(name.replace(/_FILE$/, '')) || name.startsWith('TEMPORAL_'), name);
  }
});
