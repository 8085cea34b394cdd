import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { at, isThere, manifest, read, readYaml, root } from './files.js';

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

const Bill = Type.Object({
  bomFormat: Type.String(),
  components: Type.Array(Type.Object({ name: Type.String(), version: Type.String() })),
});
const Lockfile = Type.Object({
  packages: Type.Record(Type.String(), Type.Object({ version: Type.String() })),
});
const Renovate = Type.Object({
  extends: Type.Array(Type.String()),
  minimumReleaseAge: Type.String(),
  packageRules: Type.Array(
    Type.Object({ matchPackageNames: Type.Array(Type.String()), enabled: Type.Optional(Type.Boolean()) }),
  ),
});

test('CI checks and tests with every supported version of Node, with read permission only', () => {
  const { strategy, steps } = workflow.jobs['test'] ?? assert.fail('there is a job test');
  assert.deepEqual(strategy?.matrix.node, [20, 22, 24]);
  assert.equal(manifest.engines.node, '>=20.19 <25');
  assert.ok(steps.some(({ run }) => run === '.ci/run'));
  assert.ok(isThere('.ci/run') && (statSync(at('.ci/run')).mode & 0o111) !== 0, 'it can be run');
  assert.deepEqual(workflow.permissions, { contents: 'read' });
});

test('CI pins every machine by version, and every action by commit with the version beside it', () => {
  const uses = Object.values(workflow.jobs).flatMap(({ 'runs-on': machine, steps }) => {
    assert.match(machine, /^ubuntu-\d+\.\d+$/);
    return steps.flatMap((step) => step.uses ?? []);
  });
  assert.ok(uses.length > 3);
  for (const action of uses) assert.match(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
  const lines = read('.github/workflows/ci.yml').match(/uses: .*/g) ?? [];
  assert.equal(lines.length, uses.length);
  for (const line of lines) assert.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test('CI keeps a list of all packages of the lockfile', () => {
  const { steps } = workflow.jobs['sbom'] ?? assert.fail('there is a job sbom');
  assert.ok(steps.some(({ run }) => run === 'npm run --silent sbom >sbom.cdx.json'));
  assert.match(steps.at(-1)?.uses ?? '', /^actions\/upload-artifact@/);
  const printed = execFileSync('npm', ['run', '--silent', 'sbom'], { cwd: root, encoding: 'utf8' });
  const { bomFormat, components } = Value.Parse(Bill, JSON.parse(printed));
  assert.equal(bomFormat, 'CycloneDX');
  const listed = components.map(({ name, version }) => `${name}@${version}`);
  const { packages } = readYaml(Lockfile, 'package-lock.json');
  const locked = Object.entries(packages)
    .filter(([path]) => path !== '')
    .map(([path, { version }]) => `${path.replace(/^.*node_modules\//, '')}@${version}`);
  assert.ok(locked.length > 100);
  assert.deepEqual([...new Set(listed)].toSorted(), [...new Set(locked)].toSorted());
});

test('the update bot pins images by digest, leaves the first days of a release to others, and does not look for our image', () => {
  const { extends: presets, minimumReleaseAge, packageRules } = readYaml(Renovate, 'renovate.json');
  assert.ok(presets.includes('docker:pinDigests') && presets.includes('helpers:pinGitHubActionDigestsToSemver'));
  assert.match(minimumReleaseAge, /^\d+ days$/);
  const ours = packageRules.filter(({ matchPackageNames }) => matchPackageNames.includes('tableau-webhooks'));
  assert.deepEqual(
    ours.map(({ enabled }) => enabled),
    [false],
  );
});
