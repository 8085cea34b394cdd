import { loadTemporal } from '../config/config.js';
import type { Env } from '../config/variables.js';
import { connectAsConfigured } from '../temporal/connection.js';
import { readFreshness, type SiteFreshness } from '../temporal/freshness.js';
import { within } from '../temporal/on-call.js';

const timeoutMs = 10_000;

/** What the workflows of freshness know. @throws ConfigError, and when Temporal or a worker does not answer within 10 s */
export async function readSites(env: Env): Promise<SiteFreshness[]> {
  const temporal = connectAsConfigured(loadTemporal(env));
  try {
    return await within(temporal.client, timeoutMs, readFreshness);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Temporal at ${temporal.address} did not answer (${why}), or no worker runs.`, { cause: error });
  } finally {
    await temporal.close();
  }
}
