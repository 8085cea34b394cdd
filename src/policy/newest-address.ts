import type { Channel } from '../workflows/contract.js';
import type { EscalationSource } from './escalation-source.js';
import { addressOf } from './route.js';

/**
 * The E.164 number of a contact on a channel. Where the file in force has none it is read again first: the api, or another worker, may have
 * named a contact who is new in it.
 */
export async function newestAddressOf(
  source: EscalationSource,
  contact: string,
  channel: Channel,
): Promise<string | undefined> {
  const known = addressOf(source.current(), contact, channel);
  if (known !== undefined || source.check === undefined) return known;
  await source.check();
  return addressOf(source.current(), contact, channel);
}
