/** Reads what a page shows again and again while somebody looks at it, and sends each reader an event when it has changed. */
import type { Writable } from 'node:stream';

/** What a page shows. */
export interface Topic {
  /** Whoever watches the same shares the reads. */
  key: string;
  /** A short text, another one when the page has changed. It may fail while Temporal is unavailable. */
  read: () => Promise<string>;
}

export interface Reader {
  address: string;
  seen: string;
  isUnavailable: boolean;
  events: Writable;
}
type Event = 'changed' | 'unavailable' | 'available';

/** More than this is buffered only for a reader who is gone. */
const mostBufferedBytes = 4_096;

function send({ events }: Reader, event: Event): void {
  if (events.writableLength > mostBufferedBytes) events.destroy();
  else events.write(`event: ${event}\ndata:\n\n`);
}

/** @param value null where it could not be read */
function notify(reader: Reader, value: string | null): void {
  if (value === null) {
    if (!reader.isUnavailable) send(reader, 'unavailable');
    reader.isUnavailable = true;
    return;
  }
  if (reader.isUnavailable) send(reader, 'available');
  reader.isUnavailable = false;
  if (value !== reader.seen) send(reader, 'changed');
  reader.seen = value;
}

interface Options {
  /** Calls it after the pause between two reads. */
  later: (work: () => void) => void;
  isEnding: () => boolean;
  /** There are no readers any more: who comes later needs another watch. */
  onEnd: () => void;
}

/** Reads a topic while it has readers, one read at a time. */
export function createWatch({ read }: Topic, { later, isEnding, onEnd }: Options) {
  const readers = new Set<Reader>();
  let last: string | null | undefined;
  let hasBegun = false;
  async function poll(): Promise<void> {
    hasBegun = true;
    last = await read().catch(() => null);
    for (const reader of readers) notify(reader, last);
    if (readers.size === 0 || isEnding()) onEnd();
    else later(() => void poll());
  }
  return {
    add(reader: Reader): void {
      readers.add(reader);
      reader.events.once('close', () => readers.delete(reader));
      if (last !== undefined) notify(reader, last);
      if (!hasBegun) void poll();
    },
  };
}
