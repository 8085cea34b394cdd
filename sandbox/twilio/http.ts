import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Failure } from './overrides.js';

export interface Answer {
  status: number;
  contentType: string;
  body: string;
}
export type Attempt = { answer: Answer } | { failure: Failure; why: string };

/** One form-encoded POST that distinguishes a failed connection from a slow answer. Timeouts in milliseconds. */
export const post = (
  address: string,
  headers: Record<string, string>,
  body: string,
  timeouts: { connect: number; answer: number },
): Promise<Attempt> =>
  new Promise((resolve) => {
    const url = new URL(address);
    const secure = url.protocol === 'https:';
    let connected = false;
    let timedOut: string | null = null;
    const request = (secure ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    });
    const giveUp = (why: string) => (): void => {
      timedOut = why;
      request.destroy();
    };
    const connecting = setTimeout(giveUp('no connection in time'), timeouts.connect);
    const answering = setTimeout(giveUp('no answer in time'), timeouts.answer);
    const settle = (attempt: Attempt): void => {
      clearTimeout(connecting);
      clearTimeout(answering);
      resolve(attempt);
    };
    const fail = (error: Error): void => {
      const failure = !connected ? 'ct' : timedOut ? 'rt' : 'reset';
      settle({ failure, why: timedOut ?? error.message });
    };
    request.on('socket', (socket) => {
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
        clearTimeout(connecting);
      });
    });
    request.on('error', fail);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        settle({
          answer: {
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          },
        });
      });
    });
    request.end(body);
  });
