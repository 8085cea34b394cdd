export { freshness } from './freshness/workflow.js';
export { incident } from './incident/workflow.js';
export { intake } from './intake/workflow.js';
export { onCall } from './on-call/workflow.js';
export { endedSessions } from './sessions/workflow.js';
export { pager } from './pager/workflow.js';
export { webhook } from './webhook/workflow.js';
