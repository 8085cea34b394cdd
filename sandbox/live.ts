/** Server-sent events for the page: changes and log lines. */
import type { ServerResponse } from 'node:http';

export type Change =
  | { kind: 'phone'; number: string }
  | { kind: 'tableau' | 'switches' | 'incidents' | 'chat' | 'reset' }
  | { kind: 'log'; line: string; at: number };

export interface Live {
  publish: (change: Change) => void;
  /** Sends the latest log lines first. */
  subscribe: (response: ServerResponse) => void;
  /** Whether somebody looks at a page. */
  hasListeners: () => boolean;
  close: () => void;
}

const keptLines = 100;

export const createLive = (): Live => {
  const listeners = new Set<ServerResponse>();
  const lines: Change[] = [];
  const write = (response: ServerResponse, change: Change): boolean =>
    response.write(`data: ${JSON.stringify(change)}\n\n`);
  return {
    publish: (change) => {
      if (change.kind === 'log') {
        lines.push(change);
        if (lines.length > keptLines) lines.shift();
      }
      for (const response of listeners) write(response, change);
    },
    subscribe: (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write('retry: 1000\n\n');
      for (const line of lines) write(response, line);
      listeners.add(response);
      response.on('close', () => listeners.delete(response));
    },
    hasListeners: () => listeners.size > 0,
    close: () => {
      for (const response of listeners) response.end();
      listeners.clear();
    },
  };
};
