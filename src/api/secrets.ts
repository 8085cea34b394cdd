import { createHash, timingSafeEqual } from 'node:crypto';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Whether `candidate` is one of the secrets that are current. Takes the same time whatever the candidate is: digests
 * have one length, and every secret is compared.
 */
export function isOneOf(candidate: string, secrets: readonly string[]): boolean {
  const given = digest(candidate);
  return secrets.map((secret) => timingSafeEqual(given, digest(secret))).some(Boolean);
}
