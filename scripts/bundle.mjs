// Bundles the workflows into dist/workflow-bundle.js, after tsc has made dist/.
import { DefaultLogger } from '@temporalio/worker';
import { writeBundle } from '../dist/service/workflow-bundle.js';

await writeBundle(new DefaultLogger('WARN'));
