/** Phone numbers as people write them, and as Twilio wants them. */

/** The addresses of a contact, in E.164 without `whatsapp:`. */
export interface Contact {
  whatsapp?: string;
  phone?: string;
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
 * One spelling for numbers that WhatsApp writes in two ways: Mexico +52/+521, Argentina +54/+549, and Brazil with and
 * without the ninth digit. See https://help.twilio.com/articles/360013980754.
 */
export function withoutVariant(number: string): string {
  return number
    .replace(/^\+521(\d{10})$/, '+52$1')
    .replace(/^\+549(\d{10})$/, '+54$1')
    .replace(/^\+55(\d{2})9(\d{8})$/, '+55$1$2');
}
