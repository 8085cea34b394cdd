import type { Env } from '../config/env.js';
import { runRoles } from '../service/run-roles.js';

/** API and worker in one process: all that one machine needs. */
export const start = (env: Env): Promise<number> => runRoles({ api: true, worker: true }, env);
