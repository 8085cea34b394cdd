/**
 * Says to pages that are open when what they show has changed, by server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html
 * `changed`: it has; `away`: nobody can know at present; `back`: one can again. What a page shows is read about every 2 s, once for all
 * who look at the same, and not at all while nobody does.
 */
import { PassThrough } from 'node:stream';
import fp from 'fastify-plugin';
import { minute, second } from '../../workflows/contract.js';
import { createWatch, type Reader, type Topic } from './watch.js';
import { problem } from '../problem.js';

export interface LiveLimits {
  /** Between two reads. */
  everyMs: number;
  /** Proxies close what is silent for long. */
  heartbeatMs: number;
  /** Then the browser connects anew, and whether its reader may look is decided anew. */
  longestMs: number;
  perAddress: number;
  all: number;
}

const defaultLimits: LiveLimits = {
  everyMs: 2 * second,
  heartbeatMs: 20 * second,
  longestMs: 15 * minute,
  perAddress: 50,
  all: 2_000,
};

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Answers with the events of a topic.
     * @param seen what the page that is open was made of: where it is another by now, `changed` comes at once
     */
    live: (request: FastifyRequest, reply: FastifyReply, topic: Topic, seen: string) => FastifyReply;
  }
}

/** Decorates the app with `live`. */
export const live = fp<{ limits?: Partial<LiveLimits> }>(
  async (app, { limits: changed = {} }) => {
    const limits = { ...defaultLimits, ...changed };
    const readers = new Set<Reader>();
    const watches = new Map<string, ReturnType<typeof createWatch>>();
    const isEnding = (): boolean => app.draining.aborted;

    const heartbeat = setInterval(() => {
      for (const { events } of readers) events.write(':\n\n');
    }, limits.heartbeatMs).unref();
    app.draining.addEventListener('abort', () => {
      clearInterval(heartbeat);
      for (const { events } of readers) events.end();
    });

    function watchOf(topic: Topic): ReturnType<typeof createWatch> {
      const known = watches.get(topic.key);
      if (known) return known;
      const made = createWatch(topic, {
        later: (work) => setTimeout(work, limits.everyMs).unref(),
        isEnding,
        onEnd: () => watches.delete(topic.key),
      });
      watches.set(topic.key, made);
      return made;
    }

    function refuseTooMany(address: string): void {
      const own = [...readers].filter((reader) => reader.address === address).length;
      if (own < limits.perAddress && readers.size < limits.all && !isEnding()) return;
      throw problem(429, 'TOO_MANY_REQUESTS', 'Too many pages are open.', { headers: { 'retry-after': '30' } });
    }

    app.decorate('live', (request, reply, topic, seen) => {
      refuseTooMany(request.ip);
      const reader: Reader = { address: request.ip, seen, isUnavailable: false, events: new PassThrough() };
      readers.add(reader);
      const end = setTimeout(() => reader.events.end(), limits.longestMs).unref();
      reader.events.once('close', () => {
        clearTimeout(end);
        readers.delete(reader);
      });
      // A browser sees that it is connected by the first bytes.
      reader.events.write('retry: 3000\n\n');
      watchOf(topic).add(reader);
      return reply
        .type('text/event-stream')
        .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
        .send(reader.events);
    });
  },
  { name: 'live', dependencies: ['drain', 'errors'] },
);
