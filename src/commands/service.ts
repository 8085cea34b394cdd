/** The commands that run the service until a signal ends it. */
import type { Env } from '../config/environment.js';
import { runRoles } from '../service/run-roles.js';

/** API and worker in one process: all that one machine needs. */
export const start = (env: Env): Promise<number> => runRoles({ api: true, worker: true }, env);

/** The HTTP API. Several can run behind a load balancer. */
export const api = (env: Env): Promise<number> => runRoles({ api: true, worker: false }, env);

export const worker = (env: Env): Promise<number> => runRoles({ api: false, worker: true }, env);
