/** The code of the workflows as Temporal's sandbox runs it: made by the build, or when a worker begins (about a second). */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const extension = extname(import.meta.url);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const workflows = here('../workflows');
const prebuilt = here('../workflow-bundle.js');

/** Says of which code a bundle was made, so that a stale one is never run. No line of its own, for a source map counts lines. */
function mark(): string {
  const hash = createHash('sha256');
  const sdk = readFileSync(fileURLToPath(import.meta.resolve('@temporalio/workflow/package.json')));
  for (const name of readdirSync(workflows)
    .filter((file) => extname(file) === extension)
    .toSorted())
    hash
      .update(name)
      .update('\0')
      .update(readFileSync(join(workflows, name)))
      .update('\0');
  return `/* Made of workflows ${hash.update(sdk).digest('hex')} */`;
}

const bundle = (logger?: Logger) =>
  bundleWorkflowCode({
    workflowsPath: join(workflows, `index${extension}`),
    workflowInterceptorModules: [join(workflows, `early-events${extension}`)],
    // Without state of its own, so that one copy does for all workflows of a thread.
    preloadModules: ['sms-segments-calculator'],
    ...(logger && { logger }),
  });

/** Writes the bundle beside the compiled code that it is made of; for the build. */
export async function writeBundle(logger?: Logger): Promise<void> {
  const { code } = await bundle(logger);
  writeFileSync(prebuilt, mark() + code);
}

/** What the build made, if it is of the code that is here; otherwise it is made now. */
export async function loadWorkflowBundle(logger: Logger): Promise<WorkflowBundleOption> {
  if (existsSync(prebuilt)) {
    if (readFileSync(prebuilt, 'utf8').startsWith(mark())) return { codePath: prebuilt };
    logger.warn('The workflow bundle is not of this code; it is made anew. Run npm run build');
  }
  return bundle(logger);
}
