import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';

// Beside node_modules, so that the copy's imports resolve.
const data = fileURLToPath(new URL('../../.data', import.meta.url));
await mkdir(data, { recursive: true });
const parent = await mkdtemp(join(data, 'built-'));
after(() => rm(parent, { recursive: true }));
const directory = join(parent, 'dist');
await cp(fileURLToPath(new URL('../../dist', import.meta.url)), directory, { recursive: true });
const built = (await import(pathToFileURL(join(directory, 'service', 'workflow-bundle.js')).href)) as {
  loadWorkflowBundle: typeof loadWorkflowBundle;
};

const warnings: string[] = [];
const logger = new DefaultLogger('WARN', ({ message }) => warnings.push(message));

test("the build's bundle is used while the code is unchanged", async () => {
  assert.deepEqual(await built.loadWorkflowBundle(logger), { codePath: join(directory, 'workflow-bundle.js') });
  assert.deepEqual(warnings, []);
});

test('it is used by what runs from the sources, too', async () => {
  assert.deepEqual(await loadWorkflowBundle(logger), {
    codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)),
  });
  assert.deepEqual(warnings, []);
});

for (const [file, comment] of [
  ['words.js', 'Changed at the top.'],
  ['incident/workflow.js', 'Changed in a subfolder.'],
] as const)
  test(`the bundle is rebuilt when workflows/${file} was compiled again since the build`, async () => {
    await cp(fileURLToPath(new URL('../../dist/workflows', import.meta.url)), join(directory, 'workflows'), {
      recursive: true,
    });
    warnings.length = 0;
    await appendFile(join(directory, 'workflows', ...file.split('/')), `\n// ${comment}\n`);
    const bundle = await built.loadWorkflowBundle(logger);
    assert.ok('code' in bundle && bundle.code.includes(`// ${comment}`));
    assert.match(warnings.join(), /made of other code.*npm run build/);
  });

test('the bundle is made when the build has made none', async () => {
  await rm(join(directory, 'workflow-bundle.js'));
  assert.ok('code' in (await built.loadWorkflowBundle(logger)));
});

test('no module of the workflows has a variable of its own, since all workflows of a thread share one copy', async () => {
  const folder = fileURLToPath(new URL('../../src/workflows', import.meta.url));
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
  assert.ok(files.length > 20);
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  const variables = files.filter((_, index) => /^(?:export )?(?:let|var) /m.test(texts[index] ?? ''));
  assert.deepEqual(variables, []);
});
