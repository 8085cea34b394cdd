import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { secretNames } from '../../src/config/secret-files.js';
import { networks, ours, service, services, unset } from './compose-file.js';
import { read } from './files.js';

describe('docker-compose.yml', () => {
  test('has a Web UI that changes nothing', () => {
    assert.equal(unset(service('temporal-ui').environment?.['TEMPORAL_DISABLE_WRITE_ACTIONS'] ?? ''), 'true');
  });

  test('drops the privileges that no container needs', () => {
    for (const [name, { cap_drop, security_opt }] of Object.entries(services)) {
      assert.deepEqual([cap_drop, security_opt], [['ALL'], ['no-new-privileges:true']], name);
    }
    assert.doesNotMatch(read('docker-compose.yml'), /privileged: true|docker\.sock|network_mode: host/);
  });

  test('lets no container write outside of memory and the volume of the database, which Temporal alone reaches', () => {
    for (const [name, { read_only, tmpfs, volumes = [] }] of Object.entries(services)) {
      assert.deepEqual([read_only, tmpfs.includes('/tmp')], [true, true], name);
      const writable = volumes.filter((volume) => !volume.endsWith(':ro'));
      assert.deepEqual(writable, name === 'postgres' ? ['postgres:/var/lib/postgresql/data'] : [], name);
    }
  });

  test('limits memory and processes of every container; a worker may have what a storm needs', () => {
    const mebibytes = (text: string) => Number.parseInt(text, 10) * (text.endsWith('g') ? 1024 : 1);
    for (const [name, { mem_limit, pids_limit }] of Object.entries(services)) {
      assert.match(mem_limit, /^\d+[mg]$/, name);
      assert.ok(mebibytes(mem_limit) <= 2048 && pids_limit > 0 && pids_limit <= 512, name);
    }
    assert.ok(mebibytes(service('worker').mem_limit) >= 1024, 'docs/operations.md, "Sizing"');
  });

  test('has a network for each purpose: who needs Temporal reaches neither its database nor its Web UI', () => {
    const members = (network: string) =>
      Object.keys(services).filter((name) => service(name).networks.includes(network));
    assert.deepEqual(Object.fromEntries(Object.keys(networks).map((network) => [network, members(network)])), {
      store: ['postgres', 'temporal-schema', 'temporal'],
      engine: ['temporal', 'temporal-namespace', ...ours],
      ui: ['temporal', 'temporal-ui'],
      outside: ours,
      browser: ['temporal-ui'],
    });
    const internal = Object.entries(networks).filter(([, network]) => network?.internal);
    assert.deepEqual(
      internal.map(([name]) => name),
      ['store', 'engine', 'ui'],
    );
  });

  test('gives no process a secret that only another one needs, whether .env has it as a value or in a file', () => {
    const secretsOf = Object.fromEntries(secretNames.map((name) => [name, `${name}-of-env`]));
    const seen = (name: string) => Object.entries({ ...secretsOf, ...service(name).environment });
    const has = (name: string) =>
      seen(name).flatMap(([variable, value]) => (value.endsWith('-of-env') ? variable : []));
    const ofApi = ['API_TOKEN', 'OIDC_CLIENT_SECRET', 'TABLEAU_WEBHOOK_SECRET'];
    const ofWorker = ['TABLEAU_PAT_SECRET', 'TABLEAU_CA_SECRET_VALUE', 'TABLEAU_PASSWORD', 'TWILIO_API_SECRET'];
    const ofBoth = ['LINK_SECRET', 'TWILIO_AUTH_TOKEN', 'TWILIO_AUTH_TOKEN_ALTERNATE'];
    assert.deepEqual(has('api').toSorted(), [...ofApi, ...ofBoth].toSorted());
    assert.deepEqual(has('worker').toSorted(), [...ofWorker, ...ofBoth].toSorted());
    assert.deepEqual(has('admin').toSorted(), [...ofApi, ...ofWorker, ...ofBoth].toSorted());
    const mounted = (name: string) =>
      service(name).volumes?.flatMap((volume) => /^\.\/secrets\/(\w+):\/run\/secrets\/\1:ro$/.exec(volume)?.[1] ?? []);
    assert.deepEqual(ours.map(mounted), [
      ['api', 'both'],
      ['worker', 'both'],
      ['api', 'worker', 'both'],
    ]);
    for (const { volumes = [] } of Object.values(services))
      assert.ok(volumes.every((volume) => !/^\.\/?(secrets\/?)?:/.test(volume)));
  });
});
