import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Env } from './variables.js';
import { secretNames, webhookNames } from './secret-files.js';

/** Whether our image, or Podman, runs this: a container has no other users. https://systemd.io/CONTAINER_INTERFACE/ */
export const inContainer = (env: Env): boolean => Boolean(env.container);

/** The files with secrets or phone numbers (`.env` of a directory, and those that variables name) that other users can read. */
export function filesReadableByOthers(env: Env, directory: string): string[] {
  if (process.platform === 'win32') return [];
  const named = [
    ...[...secretNames, ...webhookNames(env)].map((name) => env[`${name}_FILE`]),
    env.TEMPORAL_TLS_CLIENT_KEY_PATH,
    env.ESCALATION_FILE,
  ];
  const paths = ['.env', ...named.flatMap((path) => path?.trim() || [])];
  return paths
    .map((path) => resolve(directory, path))
    .filter((path) => hasMode(path, 0o004) && isReachable(dirname(path)));
}

/** Whether other users may enter a directory and all above it. */
const isReachable = (directory: string): boolean =>
  hasMode(directory, 0o001) && (directory === dirname(directory) || isReachable(dirname(directory)));

const hasMode = (path: string, bit: number): boolean =>
  ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & bit) !== 0;
