import { promisify } from 'node:util';
import { gunzip, inflate, inflateRaw } from 'node:zlib';

/** The largest body that the api reads. */
export const maxBodyBytes = 64 * 1024;

/** The text of a body; null when it is not valid UTF-8, where a replacement character would hide the damage. */
export function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

/** `gzip`, …: how a body is compressed, in the words of HTTP. */
const inflaters: Readonly<Record<string, (body: Uint8Array) => Promise<Buffer>>> = {
  gzip: (body) => gunzipped(body, limit),
  'x-gzip': (body) => gunzipped(body, limit),
  // With the header of zlib, as HTTP says, or without, as some clients send it.
  deflate: (body) => ((body[0] ?? 0) % 16 === 8 ? inflated(body, limit) : inflatedRaw(body, limit)),
};
const [gunzipped, inflated, inflatedRaw] = [promisify(gunzip), promisify(inflate), promisify(inflateRaw)];
/** A few bytes can inflate to gigabytes. */
const limit = { maxOutputLength: maxBodyBytes };

export type Inflated = { body: Buffer } | { wrong: 'encoding' | 'size' | 'data' };

/** A body as it was before the client compressed it. `encoding` is the header Content-Encoding. */
export async function inflatedBody(body: Buffer, encoding = 'identity'): Promise<Inflated> {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity' || name === '') return { body };
  const inflateBy = Object.hasOwn(inflaters, name) ? inflaters[name] : undefined;
  if (inflateBy === undefined) return { wrong: 'encoding' };
  try {
    return { body: await inflateBy(body) };
  } catch (error) {
    const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    return { wrong: isTooLarge ? 'size' : 'data' };
  }
}
