import assert from 'node:assert/strict';
import { appendFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { DefaultLogger } from '@temporalio/worker';
import type { loadWorkflowBundle } from '../../src/service/workflow-bundle.js';

// Beside node_modules, so that what it imports is found.
const data = fileURLToPath(new URL('../../.data', import.meta.url));
await mkdir(data, { recursive: true });
const directory = await mkdtemp(join(data, 'built-'));
after(() => rm(directory, { recursive: true }));
await cp(fileURLToPath(new URL('../../dist', import.meta.url)), directory, { recursive: true });
const built = (await import(pathToFileURL(join(directory, 'service', 'workflow-bundle.js')).href)) as {
  loadWorkflowBundle: typeof workflowsFor;
};

const warnings: string[] = [];
const logger = new DefaultLogger('WARN', ({ message }) => warnings.push(message));

test('what the build has made is run as it is', async () => {
  assert.deepEqual(await built.loadWorkflowBundle(logger), { codePath: join(directory, 'workflow-bundle.js') });
  assert.deepEqual(warnings, []);
});

test('when the code was compiled anew since, it is not', async () => {
  await appendFile(join(directory, 'workflows', 'words.js'), '\n// Another.\n');
  const bundle = await built.loadWorkflowBundle(logger);
  assert.ok('code' in bundle && bundle.code.includes('// Another.'));
  assert.match(warnings.join(), /not of this code.*npm run build/);
});

test('when the build has made none, neither', async () => {
  await rm(join(directory, 'workflow-bundle.js'));
  assert.ok('code' in (await built.loadWorkflowBundle(logger)));
});
