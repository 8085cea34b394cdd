/** All that Temporal keeps of some time, for a command that waits for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { createArchive, type Archive, type Episodes, type Messages } from '../history/archive.js';
import type { Request } from '../history/run-reader.js';
import type { Temporal } from '../temporal/connection.js';
import { grpcCodeOf, grpcCodes, reasonOf } from '../temporal/errors.js';
import { readRetentionMs } from '../temporal/retention.js';

const namespaceTimeoutMs = 10_000;
const atOnce = 8;
const tries = 3;
const pauseMs = 500;
/** The process ends after it. */
const maxBytes = 2 ** 31;
const progressEvery = 250;

export interface ReadArchive {
  incidents: Episodes;
  pagers: Messages;
  /** For how long Temporal keeps what has ended; null: it does not say, or not to us. */
  keptMs: number | null;
}

/**
 * Reads episodes and messages since a time, and says on stderr how far it is. A text says why Temporal does not give them.
 * @param since milliseconds since the epoch
 */
export const readArchive = (temporal: Temporal, since: number): Promise<ReadArchive | string> =>
  reading(temporal, async (archive, keptMs) => {
    const wanted = { since, waitMs: Infinity };
    const [pagers, incidents] = await Promise.all([
      archive.messages(wanted),
      archive.episodes({ ...wanted, onRead: reportProgress }),
    ]);
    return { incidents, pagers, keptMs };
  });

/** As `readArchive`, without messages. */
export const readEpisodes = (
  temporal: Temporal,
  since: number,
): Promise<Pick<ReadArchive, 'incidents' | 'keptMs'> | string> =>
  reading(temporal, async (archive, keptMs) => {
    const incidents = await archive.episodes({ since, waitMs: Infinity, onRead: reportProgress });
    return { incidents, keptMs };
  });

async function reading<T>(
  { client, address }: Temporal,
  read: (archive: Archive, keptMs: number | null) => Promise<T>,
): Promise<T | string> {
  const request = repeating(client);
  try {
    const keptMs = await request(namespaceTimeoutMs, readRetentionMs).catch(nullWhereRefused);
    return await read(createArchive({ request, atOnce, maxBytes, clock: Date.now }), keptMs);
  } catch (error) {
    if (grpcCodeOf(error) === undefined) throw error;
    return `Temporal at ${address} did not answer (${reasonOf(error).trim()}).`;
  }
}

/** Who may read workflows may not always read the namespace. */
function nullWhereRefused(error: unknown): null {
  if (grpcCodeOf(error) !== grpcCodes.permissionDenied) throw error;
  return null;
}

/** The connection of a command repeats nothing itself. */
function repeating(client: Client): Request {
  return (timeoutMs, call) => {
    const deadline = Date.now() + timeoutMs;
    return client.withDeadline(deadline, async () => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await call(client);
        } catch (error) {
          if (tried === tries || Date.now() + pauseMs >= deadline) throw error;
          await sleep(pauseMs);
        }
      }
    });
  };
}

function reportProgress(read: number, of: number): void {
  if (read % progressEvery === 0 || (read === of && of > progressEvery))
    process.stderr.write(`${read} of ${of} histories of incidents read\n`);
}
