export { incident } from './incident/workflow.js';
export { pager } from './pager/workflow.js';
