/**
 * The code that a contact returns before a request takes effect: a sender can be forged, but does not get what is sent to the number. One
 * code at a time, by one channel.
 */
import type { PreparedEntry } from '../activity-contract.js';
import type { TextChannel } from '../channels.js';
import { hour, minute, type Channel } from '../contract.js';
import type { PendingCode } from './reply-state.js';
import type { Pager } from './state.js';

export const codeLifeMs = 10 * minute;
/** As many wrong codes in this period cancel the code, and no other is sent until it is over. */
const mostWrong = 3;
const wrongPeriodMs = 6 * hour;

/** Whether four digits by this channel can be the code. */
export const isCodeAwaited = ({ pendingCode }: Pager, channel: Channel, now: number): boolean =>
  pendingCode !== null && pendingCode.channel === channel && now < pendingCode.until;

/** Until when no code is sent; null: one may be. */
export function codesFrom({ wrongCodes }: Pager, now: number): number | null {
  const lately = wrongCodes.filter((at) => at > now - wrongPeriodMs);
  return lately.length < mostWrong ? null : (lately[lately.length - mostWrong] ?? now) + wrongPeriodMs;
}

/** Awaits a code in place of any other. */
export function awaitCode(
  pager: Pager,
  { code, entry, channel }: Pick<PendingCode, 'code' | 'entry'> & { channel: TextChannel },
  now: number,
): void {
  pager.pendingCode = { code, entry, channel, until: now + codeLifeMs };
}

/** What the code makes; else how many tries are left, of which the last cancels what was requested. */
export function tryCode(pager: Pager, code: string, now: number): { entry: PreparedEntry } | { left: number } {
  const { pendingCode } = pager;
  if (pendingCode?.code === code) {
    pager.pendingCode = null;
    return { entry: pendingCode.entry };
  }
  forgetCodes(pager, now);
  pager.wrongCodes.push(now);
  const left = Math.max(0, mostWrong - pager.wrongCodes.length);
  if (left === 0) pager.pendingCode = null;
  return { left };
}

/** Drops what counts no more. */
export function forgetCodes(pager: Pager, now: number): void {
  if (pager.pendingCode !== null && pager.pendingCode.until <= now) pager.pendingCode = null;
  pager.wrongCodes = pager.wrongCodes.filter((at) => at > now - wrongPeriodMs);
}
