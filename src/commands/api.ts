import type { Env } from '../config/env.js';
import { runRoles } from '../service/run-roles.js';

/** What comes in over HTTP. Add more of them behind a load balancer. */
export const api = (env: Env): Promise<number> => runRoles({ api: true, worker: false }, env);
