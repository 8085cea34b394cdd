import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Type } from 'typebox';
import { at, isThere, manifest, readYaml } from './files.js';

const Job = Type.Object({
  'runs-on': Type.String(),
  'timeout-minutes': Type.Integer(),
  strategy: Type.Optional(Type.Object({ matrix: Type.Object({ node: Type.Array(Type.Integer()) }) })),
  steps: Type.Array(Type.Object({ uses: Type.Optional(Type.String()), run: Type.Optional(Type.String()) })),
});
const workflow = readYaml(
  Type.Object({ permissions: Type.Unknown(), jobs: Type.Record(Type.String(), Job) }),
  '.github/workflows/ci.yml',
);

test('CI checks and tests with every supported version of Node, with read permission only', () => {
  const { strategy, steps } = workflow.jobs['test'] ?? assert.fail('there is a job test');
  assert.deepEqual(strategy?.matrix.node, [20, 22, 24]);
  assert.equal(manifest.engines.node, '>=20.19 <25');
  assert.ok(steps.some(({ run }) => run === '.ci/run'));
  assert.ok(isThere('.ci/run') && (statSync(at('.ci/run')).mode & 0o111) !== 0, 'it can be run');
  assert.deepEqual(workflow.permissions, { contents: 'read' });
});

test('CI pins every action and image', () => {
  for (const { 'runs-on': machine, steps } of Object.values(workflow.jobs)) {
    assert.doesNotMatch(machine, /latest/);
    for (const { uses } of steps) assert.match(uses ?? 'a@v1', /@(v\d+(\.\d+)*|[0-9a-f]{40})$/);
  }
});
