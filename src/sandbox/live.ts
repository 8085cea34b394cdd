/** Server-sent events for the page: what changed, and each line of the log. */
import type { ServerResponse } from 'node:http';

export type Change =
  | { kind: 'phone'; number: string }
  | { kind: 'tableau' | 'switches' | 'reset' }
  | { kind: 'log'; line: string; at: number };

export interface Live {
  tell: (change: Change) => void;
  join: (response: ServerResponse) => void;
  leave: () => void;
}

export const createLive = (): Live => {
  const listeners = new Set<ServerResponse>();
  return {
    tell: (change) => {
      for (const response of listeners) response.write(`data: ${JSON.stringify(change)}\n\n`);
    },
    join: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    leave: () => {
      for (const response of listeners) response.end();
      listeners.clear();
    },
  };
};
