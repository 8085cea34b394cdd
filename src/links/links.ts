/** The links of pages: `PUBLIC_URL/i/<token>`. */
import type { LinkTarget } from '../workflows/pager-contract.js';
import { createLinkTokens, tokenLength } from './token.js';

/** A longer public address leaves no room in an SMS beside what a page has to say. */
export const longestAddress = 60;

export const linkPath = '/i/';

export interface Links {
  /** How many places a link takes in an SMS. */
  length: number;
  /** The address for this contact. */
  of: (contact: string, target: LinkTarget) => string;
}

/**
 * Null where pages have no links: without a secret, and where the public address is too long.
 * @param publicUrl without a trailing slash
 */
export function createLinks(secret: string | undefined, publicUrl: string): Links | null {
  if (secret === undefined || publicUrl.length > longestAddress) return null;
  const tokens = createLinkTokens(secret);
  const start = `${publicUrl}${linkPath}`;
  return {
    // "~" is the one character of an address that takes two places.
    length: start.length + (start.match(/~/g)?.length ?? 0) + tokenLength,
    of: (contact, target) => `${start}${tokens.write(contact, target)}`,
  };
}
