export { incident } from './incident.js';
export { pager } from './pager.js';
