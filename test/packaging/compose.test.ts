import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { loadConfig, loadRoleConfig } from '../../src/config/config.js';
import { loadEscalation } from '../../src/policy/load.js';
import { ours, secrets, service, services, unset } from './compose-file.js';
import { at, commands, isThere, manifest, production, read } from './files.js';

describe('docker-compose.yml', () => {
  test('pins every image, and ours to this version', () => {
    for (const [name, { image }] of Object.entries(services)) {
      assert.match(image, /:\d+\.\d+(\.\d+)?(-[a-z]+)?(@sha256:[0-9a-f]{64})?$/, `${name} has the image ${image}`);
    }
    for (const name of ours) assert.equal(service(name).image, `tableau-webhooks:${manifest.version}`);
    assert.equal(service('temporal-schema').image.split(':')[1], service('temporal').image.split(':')[1]);
  });

  test('starts each service after its dependencies: database, schema, Temporal, namespace, then api and worker', () => {
    const waits = (name: string): string[] =>
      Object.entries(service(name).depends_on ?? {}).map(([of, { condition }]) => `${of} ${condition}`);
    assert.deepEqual(waits('temporal-schema'), ['postgres service_healthy']);
    assert.deepEqual(waits('temporal'), ['temporal-schema service_completed_successfully']);
    assert.deepEqual(waits('temporal-namespace'), ['temporal service_healthy']);
    for (const name of ours) {
      assert.deepEqual(waits(name), ['temporal service_healthy', 'temporal-namespace service_completed_successfully']);
    }
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy')
          assert.ok('test' in (service(name).healthcheck ?? {}), `health of ${name}`);
        else assert.match(service(name).restart, /^on-failure/, `${name} ends`);
      }
    }
  });

  test('names existing files and commands', () => {
    for (const [name, { volumes = [], command = [], environment = {} }] of Object.entries(services)) {
      const made = [
        './secrets/api',
        './secrets/worker',
        './secrets/both',
        ...Object.values(secrets).map(({ file }) => file),
      ];
      for (const source of volumes.map((volume) => volume.split(':')[0] ?? '').filter((it) => it.startsWith('./'))) {
        assert.ok(made.includes(source) || isThere(source), `${name} mounts ${source}`);
      }
      for (const path of [...command, ...Object.values(environment)].filter((it) => it.startsWith('/compose/'))) {
        assert.ok(isThere(path.slice(1)), `${name} uses ${path}`);
      }
    }
    for (const name of ours) assert.ok(commands.includes(service(name).command?.[0] ?? ''));
  });

  test('publishes the api and the Web UI on loopback only', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${unset(port)}`),
    );
    const { port } = loadConfig(production).http;
    assert.deepEqual(published, ['temporal-ui 127.0.0.1:8233:8080', `api 127.0.0.1:${port}:${port}`]);
  });

  test('allows any number of workers', () => {
    const { container_name, ports, deploy } = service('worker');
    assert.deepEqual({ container_name, ports }, { container_name: undefined, ports: undefined });
    assert.ok((deploy?.replicas ?? 0) >= 2);
  });

  test('starts the administration only when somebody asks for it', () => {
    const { profiles, restart, ports } = service('admin');
    assert.deepEqual([profiles, restart, ports], [['admin'], 'no', undefined]);
    const others = Object.entries(services).filter(([name, it]) => name !== 'admin' && it.profiles);
    assert.deepEqual(others, []);
  });

  test('gives each process a valid production environment, whatever Temporal .env names', () => {
    const cloud = { TEMPORAL_ADDRESS: 'cloud.example.com:7233', TEMPORAL_PROFILE: 'prod', EMBEDDED_TEMPORAL: 'true' };
    for (const name of ours) {
      const { environment = {}, env_file } = service(name);
      assert.deepEqual(env_file, ['.env']);
      const given = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, unset(value)]));
      const roles = { api: name !== 'worker', worker: name !== 'api' };
      const config = loadRoleConfig(
        { ...production, NODE_ENV: 'development', ...cloud, PORT: '8080', ...given },
        roles,
      );
      assert.deepEqual(
        [config.production, config.temporal.embedded, config.temporal.connect.connectionOptions.address],
        [true, null, 'temporal:7233'],
      );
      if (roles.api) assert.deepEqual([config.http?.host, config.http?.port], ['0.0.0.0', 3000]);
      assert.equal(config.tableau !== undefined, roles.worker);
    }
  });
});

describe('compose/prepare.sh', () => {
  const directory = mkdtempSync(join(tmpdir(), 'compose-'));
  after(() => rmSync(directory, { recursive: true, force: true }));
  cpSync(at('compose'), join(directory, 'compose'), { recursive: true });
  cpSync(at('.env.example'), join(directory, '.env.example'));
  const prepare = () => execFileSync('sh', [join(directory, 'compose/prepare.sh')], { encoding: 'utf8' });
  const content = (path: string): string => readFileSync(join(directory, path), 'utf8');
  const mode = (path: string): string => (statSync(join(directory, path)).mode & 0o777).toString(8);

  test('creates secrets that production accepts, readable by their owner only', () => {
    assert.match(prepare(), /Made \.env: fill it in\./);
    const [API_TOKEN, TABLEAU_WEBHOOK_SECRET] = [
      content('secrets/api/api_token'),
      content('secrets/api/tableau_webhook_secret'),
    ];
    assert.notEqual(API_TOKEN, TABLEAU_WEBHOOK_SECRET);
    const { http } = loadConfig({ ...production, API_TOKEN, TABLEAU_WEBHOOK_SECRET });
    assert.deepEqual([http.apiToken, http.webhookSecrets], [API_TOKEN, [TABLEAU_WEBHOOK_SECRET]]);
    // The containers have other user ids: their files are open, and the directory above them is not.
    assert.deepEqual(
      ['secrets', 'secrets/api', 'secrets/worker', 'secrets/both', 'secrets/api/api_token', '.env'].map(mode),
      ['700', '755', '755', '755', '644', '600'],
    );
    for (const { file } of Object.values(secrets)) assert.match(content(file), /^[0-9a-f]{48}$/);
    assert.match(content('.env'), /^API_TOKEN_FILE=\/run\/secrets\/api\/api_token$/m);
  });

  test('does not change existing files', () => {
    writeFileSync(join(directory, 'secrets/api/api_token'), 'one of my own');
    writeFileSync(join(directory, '.env'), 'PUBLIC_URL=https://mine.example.com\n');
    const password = content('secrets/postgres_password');
    assert.doesNotMatch(prepare(), /Made/);
    assert.equal(content('secrets/api/api_token'), 'one of my own');
    assert.equal(content('.env'), 'PUBLIC_URL=https://mine.example.com\n');
    assert.equal(content('secrets/postgres_password'), password);
  });

  test('git ignores secrets and the escalation file', () => {
    const ignored = read('.gitignore').split('\n');
    for (const path of ['secrets/', '.env', 'config/escalation.yaml']) assert.ok(ignored.includes(path), path);
  });
});

test('the example of an escalation file is valid', () => {
  const { contacts, policies, routes } = loadEscalation({
    escalationFile: at('config/escalation.example.yaml'),
    defaultContact: {},
    whatsappFrom: '+15550008888',
  });
  assert.deepEqual(
    [Object.keys(contacts), Object.keys(policies), routes.length],
    [['ana', 'lead'], ['default', 'security'], 2],
  );
});
