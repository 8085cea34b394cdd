/** Reads the text of a calendar from a file or by https, within limits: a calendar is somebody else's. */
import { open } from 'node:fs/promises';
import { Agent } from 'node:https';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import type { AxiosResponse } from 'axios';
import { isRemote } from '../policy/calendar.js';
import { CalendarProblem } from './problem.js';
import { isPublicAddress, lookupAllowed, privateAddress, privateAddressCode } from '../config/public-addresses.js';

export interface Copy {
  text: string;
  /** What the server says of this version, for the next request. */
  etag?: string;
  lastModified?: string;
}

/** Gives `known` itself where nothing has changed. Throws CalendarProblem. */
export type FetchCalendar = (address: string, known: Copy | null) => Promise<Copy>;

export interface FetchOptions {
  /** Whether to connect to an IP address; tests allow one of this machine. */
  isAllowed?: (address: string) => boolean;
  /** The authority that signs the server's certificate, in PEM, where it is none of the usual. */
  ca?: string;
  timeoutMs?: number;
}

const maxBytes = 2 * 1024 * 1024;
const tooLarge = 'has more than 2 MB';
const maxRedirects = 3;
const defaultTimeoutMs = 10_000;

/**
 * Within 10 s, at most 2 MB, https alone, at most 3 redirects, and only from addresses on the internet, also after a redirect. Without a
 * proxy, behind which the address could not be seen.
 */
export function createFetchCalendar(options: FetchOptions = {}): FetchCalendar {
  const { isAllowed = isPublicAddress, ca, timeoutMs = defaultTimeoutMs } = options;
  const lookup = lookupAllowed(isAllowed);

  async function request(url: URL, known: Copy | null, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // No name is looked up for these.
    if (isIP(host) !== 0 && !isAllowed(host)) throw privateAddress();
    // Loaded when there is a calendar: the api, and commands, begin without it.
    const { default: axios } = await import('axios');
    return axios.get<Readable>(url.href, {
      responseType: 'stream',
      maxRedirects: 0,
      proxy: false,
      signal,
      validateStatus: () => true,
      httpsAgent: new Agent({ ...(ca !== undefined && { ca }), lookup }),
      headers: {
        accept: 'text/calendar',
        ...(known?.etag !== undefined && { 'if-none-match': known.etag }),
        ...(known?.lastModified !== undefined && { 'if-modified-since': known.lastModified }),
      },
    });
  }

  async function follow(first: URL, known: Copy | null, signal: AbortSignal): Promise<AxiosResponse<Readable>> {
    let url = first;
    for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
      const response = await request(url, known, signal).catch((error: unknown) => {
        throw codeOf(error) === privateAddressCode
          ? new CalendarProblem(redirects > 0 ? 'redirects to a private address' : 'has a private address')
          : error;
      });
      const location = headerOf(response, 'location');
      if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) return response;
      response.data.destroy();
      if (!URL.canParse(location, url.href)) throw new CalendarProblem('redirects to what is no address');
      url = new URL(location, url);
      if (url.protocol !== 'https:') throw new CalendarProblem('redirects to an address without https');
    }
    throw new CalendarProblem(`redirects more than ${maxRedirects} times`);
  }

  async function fetchRemote(address: string, known: Copy | null): Promise<Copy> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await follow(new URL(address), known, signal);
      if (response.status === 304 && known) return (response.data.destroy(), known);
      if (response.status !== 200) {
        response.data.destroy();
        throw new CalendarProblem(`cannot be read: the server answers ${response.status}`);
      }
      const text = await textOf(response.data);
      const [etag, lastModified] = [headerOf(response, 'etag'), headerOf(response, 'last-modified')];
      return { text, ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
    } catch (error) {
      if (error instanceof CalendarProblem) throw error;
      // The error of the library holds the address.
      if (signal.aborted) throw new CalendarProblem(`did not answer within ${timeoutMs / 1000} s`);
      throw new CalendarProblem(`cannot be reached (${codeOf(error)})`);
    }
  }

  return (address, known) => (isRemote(address) ? fetchRemote(address, known) : readFile(address));
}

async function readFile(path: string): Promise<Copy> {
  try {
    const file = await open(path);
    try {
      return { text: await textOf(file.createReadStream({ autoClose: false, end: maxBytes })) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CalendarProblem) throw error;
    throw new CalendarProblem(`cannot be read (${codeOf(error)})`);
  }
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('The stream gives no bytes.');
    sizeBytes += chunk.length;
    // Leaving the loop destroys the stream.
    if (sizeBytes > maxBytes) throw new CalendarProblem(tooLarge);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerOf({ headers }: AxiosResponse, name: string): string | undefined {
  const value: unknown = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? 'unknown' : codeOf(error.cause);
}
