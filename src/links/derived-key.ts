import { hkdfSync } from 'node:crypto';

/** Keys of one secret for different purposes: who knows one of them knows none of the others. RFC 5869. */
export const derivedKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, '', `tableau-webhooks ${purpose}`, 32));
