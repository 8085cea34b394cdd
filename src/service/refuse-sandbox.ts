import type { RoleConfig } from '../config/config.js';
import { ConfigError } from '../config/config-error.js';
import { loopback } from '../config/addresses.js';

/** The mark that the sandbox puts on every answer. */
const mark = 'x-sandbox';
/** An address that does not answer within this time is accepted. */
const probeTimeoutMs = 1_000;

/**
 * Refuses the sandbox in production, because its Twilio pages nobody. Probes loopback addresses only: a proxy on this machine
 * is allowed.
 *
 * @throws ConfigError with a sentence for each variable that leads there
 */
export async function refuseSandbox({ production, tableau, twilio }: RoleConfig): Promise<void> {
  if (!production) return;
  const addresses = Object.entries({ TABLEAU_DOMAIN: tableau?.domain, TWILIO_API_BASE_URL: twilio?.apiBaseUrl });
  const found = await Promise.all(
    addresses.map(async ([name, address]) =>
      address !== undefined && loopback(new URL(address)) && (await isSandbox(address))
        ? [`${name} leads to the sandbox, which pages nobody: in production write the address of the real one.`]
        : [],
    ),
  );
  const problems = found.flat();
  if (problems.length > 0) throw new ConfigError(problems);
}

async function isSandbox(address: string): Promise<boolean> {
  try {
    const answer = await fetch(address, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.timeout(probeTimeoutMs),
    });
    return answer.headers.has(mark);
  } catch {
    return false;
  }
}
