/** One post to an address that the escalation file names: signed, within 15 s, without redirects, and to the internet alone unless the file allows more. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { Webhook } from 'standardwebhooks';
import { isPublicAddress, lookupAllowed, privateAddress, privateAddressCode } from '../config/public-addresses.js';
import type { Endpoint } from '../policy/webhooks.js';
import { createOneLookup } from './one-lookup.js';

export interface PostOptions {
  /** Whether to connect to an IP address of an endpoint that is not private; tests allow one of this machine. */
  isAllowed?: (address: string) => boolean;
  /** The authority that signs the receiver's certificate, in PEM, where it is none of the usual. */
  ca?: string;
  timeoutMs?: number;
  clock?: () => number;
}

/** `text`: the beginning of what the receiver said. `error`: a code, or a sentence of ours, without the address. */
export type Answer = { status: number; retryAfterMs?: number; text: string } | { error: string };

/** Never throws for what the receiver does. */
export type PostBody = (endpoint: Endpoint, post: { id: string; body: string }) => Promise<Answer>;

const defaultTimeoutMs = 15_000;
const keptBytes = 500;

export function createPost(options: PostOptions = {}): PostBody {
  const { isAllowed = isPublicAddress, ca, timeoutMs = defaultTimeoutMs, clock = Date.now } = options;
  const oneAtATime = createOneLookup(timeoutMs);
  const toPublic = oneAtATime(lookupAllowed(isAllowed));
  const toAny = oneAtATime(lookupAllowed(() => true));

  async function send({ url, secrets, isPrivate }: Endpoint, { id, body }: { id: string; body: string }) {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    // No name is looked up for these.
    if (!isPrivate && isIP(host) !== 0 && !isAllowed(host)) throw privateAddress();
    const { default: axios } = await import('axios');
    const agent = { lookup: isPrivate ? toAny : toPublic, ...(ca !== undefined && { ca }) };
    return axios.post<Readable>(url, body, {
      responseType: 'stream',
      maxRedirects: 0,
      // Behind a proxy the address could not be seen.
      proxy: false,
      signal: AbortSignal.timeout(timeoutMs),
      validateStatus: () => true,
      httpAgent: new HttpAgent(agent),
      httpsAgent: new HttpsAgent(agent),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'tableau-webhooks',
        ...signed(id, body, secrets, clock()),
      },
    });
  }

  return async (endpoint, post) => {
    try {
      const { status, headers, data } = await send(endpoint, post);
      const retryAfterMs = retryAfterOf(headers['retry-after'], clock());
      // The status decides, also where the rest does not come.
      const text = await beginningOf(data).catch(() => '');
      return { status, text, ...(retryAfterMs !== null && { retryAfterMs }) };
    } catch (error) {
      const code = codeOf(error);
      if (code === privateAddressCode) return { error: 'its address is private, and the file has no "private: true"' };
      if (code === 'ERR_CANCELED') return { error: `no answer within ${timeoutMs / 1_000} s` };
      return { error: `not reached (${code})` };
    }
  };
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#webhook-headers-sending-metadata-to-consumers */
function signed(id: string, body: string, secrets: readonly string[], now: number): Record<string, string> {
  const at = new Date(now);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1_000)),
    ...(secrets.length > 0 && {
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
    }),
  };
}

/** Seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#name-retry-after */
export function retryAfterOf(value: unknown, now: number): number | null {
  if (typeof value !== 'string' || value.trim() === '') return null;
  const at = /^\d+$/.test(value.trim()) ? now + Number(value) * 1_000 : Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

/** What follows is not read. */
async function beginningOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) break;
    chunks.push(chunk);
    sizeBytes += chunk.length;
    // Leaving the loop destroys the stream.
    if (sizeBytes >= keptBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8');
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? 'unknown' : codeOf(error.cause);
}
