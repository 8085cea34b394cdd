/** The commands that run the service until a signal ends it. */
import type { Env } from '../config/variables.js';
import type { Roles } from '../config/roles.js';
import { withoutArguments } from './arguments.js';

const configuration = `It ends with SIGINT or SIGTERM; SIGHUP reads the escalation file again, which is also done every 30 s.
Configuration: the environment and the file .env, as .env.example explains.
`;

const startUsage = `Usage: tableau-webhooks start

Runs API and worker in one process: all that one machine needs. Without TEMPORAL_ADDRESS it starts an embedded Temporal where
NODE_ENV=development or EMBEDDED_TEMPORAL=true allows that.
${configuration}`;

const apiUsage = `Usage: tableau-webhooks api

Runs the HTTP API alone. Several can run behind a load balancer.
${configuration}`;

const workerUsage = `Usage: tableau-webhooks worker

Runs the worker alone, which pages people. Several can run; without one nobody is paged.
${configuration}`;

/** Loads the service only when it runs, so that `--help` is quick. */
const running = (roles: Roles) => async (env: Env) => (await import('../service/run-roles.js')).runRoles(roles, env);

export const start = withoutArguments('start', startUsage, running({ api: true, worker: true }));
export const api = withoutArguments('api', apiUsage, running({ api: true, worker: false }));
export const worker = withoutArguments('worker', workerUsage, running({ api: false, worker: true }));
