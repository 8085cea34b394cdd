/** Phone numbers as people write them, and as Twilio wants them. */

/** A contact; the addresses are in E.164 without `whatsapp:`. */
export interface Contact {
  whatsapp?: string;
  phone?: string;
  /** An IANA name: the clock that the contact lives by. */
  timezone?: string;
  /** What is not urgent waits from one time of day to the other, in minutes since midnight. Where `to` is less, it is on the next day. */
  quiet?: { from: number; to: number };
}

/** No number is as long, whatever stands between its digits. */
const maxLength = 100;

/** `+15550000001` of `whatsapp:+1 555 000-0001`. Nothing is checked. */
export function bareNumber(number: string): string {
  return number
    .slice(0, maxLength)
    .replace(/^\s*whatsapp:/i, '')
    .replace(/[\s().-]/g, '');
}

/**
 * One spelling for numbers that WhatsApp writes in two ways (https://help.twilio.com/articles/360013980754). Two subscribers never get
 * the same one:
 * - Mexico, +52 and +521: the ten digits, from 2 on, belong to one line, fixed or mobile.
 * - Argentina, +54 and +549: likewise, and area codes are 11, 2… and 3….
 * - Brazil, with and without the ninth digit: mobile numbers of eight digits began with 6 to 9, and got a 9 in front. A newer one, such as
 *   93…, never had eight; without its 9 it is a landline, which begins with 2 to 5.
 */
export function withoutVariant(number: string): string {
  return number
    .replace(/^\+521([2-9]\d{9})$/, '+52$1')
    .replace(/^\+549((?:11|[23]\d)\d{8})$/, '+54$1')
    .replace(/^\+55([1-9][1-9])9([6-9]\d{7})$/, '+55$1$2');
}
