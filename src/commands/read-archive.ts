/** All that Temporal keeps of some time, for a command that waits for it. */
import type { Client } from '@temporalio/client';
import { createArchive, type Archive, type Episodes, type Messages, type Progress } from '../history/archive.js';
import type { Temporal } from '../temporal/connection.js';
import { grpcCodeOf, reasonOf } from '../temporal/errors.js';
import { readRetentionMs } from '../temporal/retention.js';

const namespaceTimeoutMs = 10_000;
const atOnce = 8;
/** The process ends after it. */
const maxBytes = 2 ** 31;
const progressEvery = 250;

export interface ReadArchive {
  incidents: Episodes;
  pagers: Messages;
  keptMs: number | null;
}

/**
 * Reads episodes and messages since a time, and says on stderr how far it is. A text says why Temporal does not give them.
 * @param since milliseconds since the epoch
 */
export async function readArchive({ client, address }: Temporal, since: number): Promise<ReadArchive | string> {
  const request = <T>(timeoutMs: number, call: (client: Client) => Promise<T>): Promise<T> =>
    client.withDeadline(Date.now() + timeoutMs, () => call(client));
  const archive = createArchive({ request, atOnce, maxBytes, clock: Date.now });
  try {
    const keptMs = await request(namespaceTimeoutMs, readRetentionMs);
    return { ...(await readAll(archive, since)), keptMs };
  } catch (error) {
    if (grpcCodeOf(error) === undefined) throw error;
    return `Temporal at ${address} did not answer (${reasonOf(error).trim()}).`;
  }
}

async function readAll(archive: Archive, since: number): Promise<Omit<ReadArchive, 'keptMs'>> {
  let told = 0;
  const onProgress = ({ read, of }: Progress): void => {
    if (of === null || read < told + progressEvery) return;
    told = read;
    process.stderr.write(`${read} of ${of} incidents read\n`);
  };
  const wanted = { since, waitMs: Infinity };
  const pagers = await archive.messages(wanted);
  return { pagers, incidents: await archive.episodes({ ...wanted, onProgress }) };
}
