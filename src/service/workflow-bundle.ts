/** The workflow code as Temporal's sandbox runs it: made by the build, or when a worker starts (about a second). */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';
import { workflowBundle, workflowModules } from '../config/places.js';

const { extension } = workflowModules;
const workflows = fileURLToPath(workflowModules.folder);
const prebuilt = fileURLToPath(workflowBundle);

/**
 * The first line's comment of a bundle: a hash of the code that it was made of, so that a stale bundle never runs. It ends
 * without a line break, because the bundle's source map counts lines.
 */
function sourceMark(): string {
  const hash = createHash('sha256');
  for (const file of workflowFiles())
    hash.update(relative(workflows, file)).update('\0').update(readFileSync(file)).update('\0');
  hash.update(readFileSync(fileURLToPath(import.meta.resolve('@temporalio/workflow/package.json'))));
  return `/* Made of workflows ${hash.digest('hex')} */`;
}

const workflowFiles = (): string[] =>
  readdirSync(workflows, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extname(entry.name) === extension)
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

const workflowsPath = join(workflows, `index${extension}`);

const bundle = (logger?: Logger) =>
  bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [join(workflows, `reject-early-events${extension}`)],
    // No module has state of its own (the simulator runs hundreds of workflows on one copy), so all workflows of a thread share one.
    // With a copy for each, a worker took twice the memory in a storm.
    preloadModules: [workflowsPath],
    ...(logger && { logger }),
  });

/** Writes the bundle beside the compiled code that it is made of; for the build. */
export async function writeBundle(logger?: Logger): Promise<void> {
  const { code } = await bundle(logger);
  writeFileSync(prebuilt, sourceMark() + code);
}

/** The bundle of the build, if it was made of the present code; otherwise a new one. */
export async function loadWorkflowBundle(logger: Logger): Promise<WorkflowBundleOption> {
  if (existsSync(prebuilt)) {
    if (readFileSync(prebuilt, 'utf8').startsWith(sourceMark())) return { codePath: prebuilt };
    logger.warn('The workflow bundle was made of other code and is rebuilt now. Run npm run build');
  }
  return bundle(logger);
}
