/** Scopes of connected apps: https://help.tableau.com/current/online/en-us/connected_apps_scopes.htm */
import type { Session } from './world.js';

const scopes: [RegExp, string][] = [
  [/^POST .*\/refresh$/, 'tableau:tasks:run'],
  [/^GET .*\/flows\/runs\b/, 'tableau:flow_runs:read'],
  [/^GET .*\/tasks\/runFlow\b/, 'tableau:flow_tasks:read'],
  [/^GET .*\/(?:workbooks|datasources|projects|flows)\b/, 'tableau:content:read'],
  [/^GET .*\/users\b/, 'tableau:users:read'],
  [/^GET .*\/jobs\b/, 'tableau:jobs:read'],
  [/^GET .*\/tasks\b/, 'tableau:tasks:read'],
  [/^(?:POST|GET) .*\/label(?:s|Values)\b/, 'tableau:labels:read'],
  [/^PUT .*\/labels$/, 'tableau:labels:create'],
  [/^PUT .*\/labels\//, 'tableau:labels:update'],
  [/^DELETE .*\/labels\b/, 'tableau:labels:delete'],
  [/^POST .*\/graphql$/, 'tableau:content:read'],
];

/** Requests without a known scope, such as those for webhooks, are refused. */
export const isInScope = (session: Session, method: string, url: string): boolean => {
  if (session.scopes === null) return true;
  const request = `${method} ${url.split('?')[0]}`;
  const needed = scopes.find(([pattern]) => pattern.test(request))?.[1];
  return needed !== undefined && session.scopes.includes(needed);
};
