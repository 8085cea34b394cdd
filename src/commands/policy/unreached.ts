/** What `policy check --temporal` asks Temporal. Loaded with the flag alone: the client takes a third of a second. */
import { ValueError } from '@temporalio/common';
import { loadTemporal } from '../../config/config.js';
import type { Env } from '../../config/variables.js';
import { withAllOverrides } from '../../policy/overrides.js';
import type { Problem } from '../../policy/reading.js';
import type { Escalation } from '../../policy/route.js';
import { unreached } from '../../policy/warnings/unreached.js';
import { connectAsConfigured } from '../../temporal/connection.js';
import { grpcCodeOf, reasonOf } from '../../temporal/errors.js';
import { readOverrides, within } from '../../temporal/on-call.js';
import { readPagerAlarms } from '../../temporal/shown-alarms.js';
import { second } from '../../workflows/contract.js';

const timeoutMs = 5 * second;

/**
 * The contacts of the file who are not reached; overrides that were made count, since they put contacts on call. A text says why Temporal does not tell.
 * @throws ConfigError with what is wrong with TEMPORAL_*
 */
export async function readUnreached(env: Env, escalation: Escalation): Promise<Problem[] | string> {
  const temporal = connectAsConfigured(loadTemporal(env));
  try {
    return await within(temporal.client, timeoutMs, async (client) => {
      const [made, alarms] = await Promise.all([readOverrides(client), readPagerAlarms(client, Infinity)]);
      const now = Date.now();
      return unreached(
        withAllOverrides(
          escalation,
          made.filter(({ to }) => to > now),
        ),
        alarms,
      );
    });
  } catch (error) {
    if (error instanceof ValueError)
      return `Temporal at ${temporal.address} has alarms that cannot be read: their payloads are encoded in another way.`;
    if (grpcCodeOf(error) === undefined) throw error;
    return `Temporal at ${temporal.address} did not answer (${reasonOf(error).trim()}). Without --temporal the file alone is checked.`;
  } finally {
    await temporal.close();
  }
}
