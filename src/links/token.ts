/**
 * The token at the end of a link: 24 bytes, 32 characters of base64url. Nothing is stored for it: it says for whom, to which reply number and since
 * when, and 16 bytes of an HMAC bind these to one contact and one episode of one incident.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { second } from '../workflows/contract.js';
import type { LinkTarget } from '../workflows/pager-contract.js';
import { derivedKey } from './derived-key.js';

export const tokenLength = 32;
const form = /^[\w-]{32}$/;
const sealStart = 8;
const mostSeconds = 0xff_ff_ff_ff;

/** Phones leave a hyphen at the end of an address out of the link: base64url of a last byte that ends in 62 or 63 is "-" or "_". */
function endingInLetterOrDigit(bytes: Buffer): Buffer {
  const last = bytes.length - 1;
  const byte = bytes.readUInt8(last);
  if ((byte & 63) >= 62) bytes.writeUInt8(byte ^ 2, last);
  return bytes;
}

/** What a token says of itself. Whoever reads it has to find out for whom it is, and whether the seal is right. */
export interface LinkToken {
  bytes: Buffer;
  number: number;
  /** Milliseconds since the epoch, whole seconds. */
  at: number;
}

export interface LinkTokens {
  /** The same for the same contact and target. */
  write: (contact: string, target: LinkTarget) => string;
  /** Null for what has not the form of a token. */
  read: (text: string) => LinkToken | null;
  /** The contacts among these for whom it may be: one mostly, none for a token that was guessed. */
  contactsOf: (token: LinkToken, contacts: readonly string[]) => string[];
  /** Whether it was written for this contact and target; in constant time. */
  isFor: (token: LinkToken, contact: string, target: LinkTarget) => boolean;
}

/** @param secret who changes it ends all links */
export function createLinkTokens(secret: string): LinkTokens {
  const key = derivedKey(secret, 'links');
  const mac = (...parts: (string | number)[]): Buffer =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest();
  /** Keyed, so that nobody else can make a token for which the incident of a contact would be looked up. */
  const markOf = (contact: string): Buffer => mac('contact', contact).subarray(0, 3);
  const secondsOf = (at: number): number => Math.min(Math.max(0, Math.floor(at / second)), mostSeconds);

  function bytesOf(contact: string, { number, incident, episode, at }: LinkTarget): Buffer {
    const head = Buffer.alloc(sealStart);
    markOf(contact).copy(head);
    head.writeUInt8(number, 3);
    head.writeUInt32BE(secondsOf(at), 4);
    const seal = mac('link', contact, number, secondsOf(at), incident, episode).subarray(0, 16);
    return endingInLetterOrDigit(Buffer.concat([head, seal]));
  }

  return {
    write: (contact, target) => bytesOf(contact, target).toString('base64url'),
    read(text) {
      if (!form.test(text)) return null;
      const bytes = Buffer.from(text, 'base64url');
      return { bytes, number: bytes.readUInt8(3), at: bytes.readUInt32BE(4) * second };
    },
    contactsOf: ({ bytes }, contacts) => contacts.filter((one) => timingSafeEqual(markOf(one), bytes.subarray(0, 3))),
    isFor: ({ bytes }, contact, target) => timingSafeEqual(bytesOf(contact, target), bytes),
  };
}
