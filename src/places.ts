/** Where files are: beside this module, whether it is a source, compiled, or in a chunk of the bundle (`scripts/bundle.mjs`). */
const place = (path: string): URL => new URL(path, import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export const packageFile = place('../package.json');
/** The modules of the workflows, and their file extension. */
export const workflowModules = { folder: place('workflows'), extension };
export const workflowBundle = place('workflow-bundle.js');
export const apiThread = place(`service/api-thread${extension}`);
