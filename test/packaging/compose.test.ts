import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Type } from 'typebox';
import { loadConfig } from '../../src/config/config.js';
import { loadEscalation } from '../../src/policy/load.js';
import { at, commands, isThere, manifest, production, read, readYaml } from './files.js';

const Strings = Type.Array(Type.String());
const Service = Type.Object({
  image: Type.String(),
  command: Type.Optional(Strings),
  entrypoint: Type.Optional(Strings),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  env_file: Type.Optional(Strings),
  ports: Type.Optional(Strings),
  volumes: Type.Optional(Strings),
  secrets: Type.Optional(Strings),
  networks: Strings,
  restart: Type.String(),
  read_only: Type.Optional(Type.Boolean()),
  container_name: Type.Optional(Type.String()),
  cap_drop: Strings,
  security_opt: Strings,
  deploy: Type.Optional(Type.Object({ replicas: Type.Integer() })),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ condition: Type.String() }))),
  healthcheck: Type.Optional(
    Type.Union([Type.Object({ test: Strings }), Type.Object({ disable: Type.Literal(true) })]),
  ),
});
const { services, secrets, networks } = readYaml(
  Type.Object({
    services: Type.Record(Type.String(), Service),
    secrets: Type.Record(Type.String(), Type.Object({ file: Type.String() })),
    networks: Type.Record(Type.String(), Type.Union([Type.Null(), Type.Object({ internal: Type.Boolean() })])),
  }),
  'docker-compose.yml',
);
const service = (name: string) => services[name] ?? assert.fail(`there is no service ${name}`);
/** What Compose makes of `${NAME:-default}` where nothing is set. */
const unset = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');

describe('docker-compose.yml', () => {
  test('pins every image, and ours to this version', () => {
    for (const [name, { image }] of Object.entries(services)) {
      assert.match(image, /:\d+\.\d+(\.\d+)?(-[a-z]+)?$/, `${name} has the image ${image}`);
    }
    assert.equal(service('api').image, `tableau-webhooks:${manifest.version}`);
    assert.equal(service('worker').image, service('api').image);
    assert.equal(service('temporal-schema').image.split(':')[1], service('temporal').image.split(':')[1]);
  });

  test('starts each service after its dependencies: database, schema, Temporal, namespace, then api and worker', () => {
    const waits = (name: string): string[] =>
      Object.entries(service(name).depends_on ?? {}).map(([of, { condition }]) => `${of} ${condition}`);
    assert.deepEqual(waits('temporal-schema'), ['postgres service_healthy']);
    assert.deepEqual(waits('temporal'), ['temporal-schema service_completed_successfully']);
    assert.deepEqual(waits('temporal-namespace'), ['temporal service_healthy']);
    for (const ours of ['api', 'worker']) {
      assert.deepEqual(waits(ours), ['temporal service_healthy', 'temporal-namespace service_completed_successfully']);
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
      const made = ['./secrets/app', ...Object.values(secrets).map(({ file }) => file)];
      for (const source of volumes.map((volume) => volume.split(':')[0] ?? '').filter((it) => it.startsWith('./'))) {
        assert.ok(made.includes(source) || isThere(source), `${name} mounts ${source}`);
      }
      for (const path of [...command, ...Object.values(environment)].filter((it) => it.startsWith('/compose/'))) {
        assert.ok(isThere(path.slice(1)), `${name} uses ${path}`);
      }
    }
    for (const ours of ['api', 'worker']) assert.ok(commands.includes(service(ours).command?.[0] ?? ''));
  });

  test('publishes the api and the Web UI on loopback only, and the database to Temporal only', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${unset(port)}`),
    );
    const { port } = loadConfig(production).http;
    assert.deepEqual(published, ['temporal-ui 127.0.0.1:8233:8080', `api 127.0.0.1:${port}:${port}`]);
    assert.deepEqual(networks['store'], { internal: true });
    const near = Object.entries(services).filter(([, it]) => it.networks.includes('store'));
    assert.deepEqual(
      near.map(([name]) => name),
      ['postgres', 'temporal-schema', 'temporal'],
    );
  });

  test('has a Web UI that changes nothing', () => {
    assert.equal(unset(service('temporal-ui').environment?.['TEMPORAL_DISABLE_WRITE_ACTIONS'] ?? ''), 'true');
  });

  test('allows any number of workers', () => {
    const { container_name, ports, deploy } = service('worker');
    assert.deepEqual({ container_name, ports }, { container_name: undefined, ports: undefined });
    assert.ok((deploy?.replicas ?? 0) >= 2);
  });

  test('drops the privileges that no container needs', () => {
    for (const [name, { cap_drop, security_opt }] of Object.entries(services)) {
      assert.deepEqual([cap_drop, security_opt], [['ALL'], ['no-new-privileges:true']], name);
    }
    for (const ours of ['api', 'worker']) assert.equal(service(ours).read_only, true);
    assert.doesNotMatch(read('docker-compose.yml'), /privileged: true|docker\.sock|network_mode: host/);
  });

  test('gives api and worker a valid production environment, whatever Temporal .env names', () => {
    const cloud = { TEMPORAL_ADDRESS: 'cloud.example.com:7233', TEMPORAL_PROFILE: 'prod', EMBEDDED_TEMPORAL: 'true' };
    for (const ours of ['api', 'worker']) {
      const { environment = {}, env_file } = service(ours);
      assert.deepEqual(env_file, ['.env']);
      const given = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, unset(value)]));
      const config = loadConfig({ ...production, NODE_ENV: 'development', ...cloud, PORT: '8080', ...given });
      assert.deepEqual(
        [config.production, config.temporal.embedded, config.temporal.connect.connectionOptions.address],
        [true, null, 'temporal:7233'],
      );
      assert.deepEqual([config.http.host, config.http.port], ['0.0.0.0', 3000]);
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
      content('secrets/app/api_token'),
      content('secrets/app/tableau_webhook_secret'),
    ];
    assert.notEqual(API_TOKEN, TABLEAU_WEBHOOK_SECRET);
    const { http } = loadConfig({ ...production, API_TOKEN, TABLEAU_WEBHOOK_SECRET });
    assert.deepEqual([http.apiToken, http.webhookSecrets], [API_TOKEN, [TABLEAU_WEBHOOK_SECRET]]);
    // The containers have other user ids: their files are open, and the directory above them is not.
    assert.deepEqual(
      ['secrets', 'secrets/app', 'secrets/app/api_token', 'secrets/postgres_password', '.env'].map(mode),
      ['700', '755', '644', '644', '600'],
    );
    for (const { file } of Object.values(secrets)) assert.match(content(file), /^[0-9a-f]{48}$/);
    assert.match(content('.env'), /^API_TOKEN_FILE=\/run\/secrets\/api_token$/m);
  });

  test('does not change existing files', () => {
    writeFileSync(join(directory, 'secrets/app/api_token'), 'one of my own');
    writeFileSync(join(directory, '.env'), 'PUBLIC_URL=https://mine.example.com\n');
    const password = content('secrets/postgres_password');
    assert.doesNotMatch(prepare(), /Made/);
    assert.equal(content('secrets/app/api_token'), 'one of my own');
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
