import { createHash } from 'node:crypto';

/** A short text, another one for another content. @param content plain data */
export const hashOf = (content: unknown): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 16);
