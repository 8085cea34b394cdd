/** The workflow code as Temporal's sandbox runs it: made by the build, or when a worker starts (about a second). */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle, workflowModules, workflowSources } from '../config/places.js';

const { extension } = workflowModules;
const workflows = fileURLToPath(workflowModules.folder);
const prebuilt = fileURLToPath(workflowBundle);

/** A hash of the code that a bundle is made of, so that a stale one never runs. */
function hashOf(modules: { folder: URL; extension: string }): string {
  const path = fileURLToPath(modules.folder);
  const hash = createHash('sha256');
  const files = readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) === modules.extension)
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  for (const file of files) hash.update(relative(path, file)).update('\0').update(readFileSync(file)).update('\0');
  hash.update(readFileSync(fileURLToPath(import.meta.resolve('@temporalio/workflow/package.json'))));
  return hash.digest('hex');
}

const workflowsPath = join(workflows, `index${extension}`);

const bundle = (logger?: Logger) =>
  bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [join(workflows, `reject-early-events${extension}`)],
    // No module has a variable of its own (the simulator runs hundreds of workflows on one copy), so all workflows of a thread share one.
    // With a copy for each, a worker took half as much memory again in a storm.
    preloadModules: [workflowsPath],
    ...(logger && { logger }),
  });

/**
 * Writes the bundle beside the compiled code that it is made of; for the build. A comment names the code, as compiled and as written: the demo
 * and the tests run from the sources. It ends without a line break, because the bundle's source map counts lines.
 */
export async function writeBundle(logger?: Logger): Promise<void> {
  const { code } = await bundle(logger);
  writeFileSync(prebuilt, `/* Made of ${hashOf(workflowModules)} of ${hashOf(workflowSources)} */${code}`);
}

/** The bundle of the build, if it was made of the present code; otherwise a new one. */
export async function loadWorkflowBundle(logger: Logger): Promise<WorkflowBundleOption> {
  if (existsSync(prebuilt)) {
    const comment = readFileSync(prebuilt, 'utf8').slice(0, 200);
    if (comment.includes(hashOf(workflowModules))) return { codePath: prebuilt };
    logger.warn('The workflow bundle was made of other code and is rebuilt now. Run npm run build');
  }
  return bundle(logger);
}
