import { createHash } from 'node:crypto';

/** A short text for what a page shows, another one when that has changed. */
export const fingerprint = (shown: unknown): string =>
  createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16);
