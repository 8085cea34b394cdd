export { incident } from './incident/workflow.js';
export { intake } from './intake/workflow.js';
export { pager } from './pager/workflow.js';
