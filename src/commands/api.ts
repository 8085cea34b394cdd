import type { Env } from '../env.js';
import { runRoles } from './roles.js';

/** What comes in over HTTP. Add more of them behind a load balancer. */
export const api = (env: Env): Promise<number> => runRoles({ api: true, worker: false }, env);
