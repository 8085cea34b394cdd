/** Where files are, seen from this module: a source, compiled, or in a chunk of the bundle, which is as deep (`scripts/bundle.mjs`). */
const place = (path: string): URL => new URL(`../${path}`, import.meta.url);
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';

export const packageFile = place('../package.json');
/** The modules of the workflows, and their file extension. */
export const workflowModules = { folder: place('workflows'), extension };
/** Of which the build compiles them. */
export const workflowSources = { folder: place('../src/workflows'), extension: '.ts' };
/** The style and the script of the pages; the build copies them. */
export const pageAssets = place('api/pages/assets/');
export const workflowBundle = place('../dist/workflow-bundle.js');
/** Compiled also for the demo, which runs from the sources: a thread does not load TypeScript. */
export const apiThread = place('../dist/service/api-thread.js');
/** As above. */
export const calendarThread = place('../dist/calendar/calendar-thread.js');
