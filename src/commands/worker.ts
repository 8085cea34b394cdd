import type { Env } from '../config/env.js';
import { runRoles } from '../service/run-roles.js';

/** Workflows and activities. Add more of them for more work. */
export const worker = (env: Env): Promise<number> => runRoles({ api: false, worker: true }, env);
