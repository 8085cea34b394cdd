import type { Env } from '../env.js';
import { runRoles } from './roles.js';

/** Workflows and activities. Add more of them for more work. */
export const worker = (env: Env): Promise<number> => runRoles({ api: false, worker: true }, env);
