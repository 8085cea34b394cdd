/**
 * What Twilio's error codes mean for a page, as data. A code comes with a refused request or, as `ErrorCode`, with a receipt.
 * https://www.twilio.com/docs/api/errors
 */
import type { SendFailureType } from '../workflows/send-contract.js';

export interface CodeMeaning {
  type: SendFailureType;
  /** What happened, and what to do about it where something can be done. */
  message: string;
  /** The escalation takes its next step at once, and an operator must fix something for later pages. */
  operator?: true;
}

const recipient = (message: string): CodeMeaning => ({ type: 'recipient', message });
const operator = (message: string): CodeMeaning => ({ type: 'recipient', message, operator: true });
const configuration = (message: string): CodeMeaning => ({ type: 'configuration', message });
const outage = (message: string): CodeMeaning => ({ type: 'outage', message });

export const codeMeanings: Readonly<Record<number, CodeMeaning>> = {
  // Account
  20003: configuration(
    'Twilio refused our credentials. Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN or the API key.',
  ),
  20005: configuration('The Twilio account is not active. Open it in the Twilio console.'),
  20008: configuration('Twilio test credentials cannot do this. Use the live account.'),
  20404: configuration(
    'Twilio does not know this account or address. Check TWILIO_ACCOUNT_SID and TWILIO_API_BASE_URL.',
  ),
  20429: outage('Twilio had too many requests from us and did not take this one.'),
  21408: operator(
    'The account may not send messages to that country. Allow it under geo permissions in the Twilio console.',
  ),
  30002: configuration('The Twilio account is suspended. Open it in the Twilio console.'),

  // Ours
  21205: configuration('Twilio refused the address of our TwiML. Check PUBLIC_URL.'),
  21210: configuration('The number we call from is not verified. Check TWILIO_FROM_NUMBER.'),
  21212: configuration('The number we send from is not valid. Check TWILIO_FROM_NUMBER and WHATSAPP_FROM.'),
  21602: configuration('Twilio got a message without a text. Check WHATSAPP_CONTENT_SID.'),
  21603: configuration(
    'Twilio got no sender. Check TWILIO_FROM_NUMBER, WHATSAPP_FROM and TWILIO_MESSAGING_SERVICE_SID.',
  ),
  21606: configuration('The number we send from cannot send this. Check TWILIO_FROM_NUMBER.'),
  21609: configuration(
    'Twilio refused the address for receipts. Check PUBLIC_URL: https, and no underscore in the host.',
  ),
  21626: configuration(
    'Twilio refused the address for receipts. Check PUBLIC_URL: https, and no underscore in the host.',
  ),
  21655: configuration('Twilio does not know the template. Check WHATSAPP_CONTENT_SID.'),
  21671: configuration('Templates do not work in this Twilio region. Unset WHATSAPP_CONTENT_SID or TWILIO_REGION.'),
  21701: configuration('Twilio does not know the messaging service. Check TWILIO_MESSAGING_SERVICE_SID.'),
  21703: configuration(
    'The messaging service has no number to send from. Add one, or unset TWILIO_MESSAGING_SERVICE_SID.',
  ),
  63007: configuration('Twilio has no WhatsApp sender with our number. Check WHATSAPP_FROM.'),

  // The contact's address
  21201: recipient('The contact has no number to call.'),
  21211: recipient('The number of the contact is not valid. Correct it in the escalation file.'),
  21214: recipient('The number of the contact cannot be reached by a call.'),
  21215: operator('The account may not call that country. Allow it under voice geo permissions in the Twilio console.'),
  21216: operator(
    'The account may not call this number. Look at voice geo permissions and blocked numbers in the Twilio console.',
  ),
  21217: recipient('The number of the contact is not valid for calls. Correct it in the escalation file.'),
  21219: operator('A trial account calls verified numbers only. Verify the number in the Twilio console.'),
  21604: recipient('The contact has no number to send to.'),
  21608: operator('A trial account sends to verified numbers only. Verify the number in the Twilio console.'),
  21610: recipient('The contact has replied STOP to our number. Only START from that phone undoes it.'),
  21612: recipient('There is no way from our number to that of the contact.'),
  21614: recipient('The number of the contact is not a mobile number. Use a mobile number, or a call.'),
  21635: recipient('The number of the contact is a landline. Use a mobile number, or a call.'),
  21910: operator('Sender and contact are not of one channel. Check WHATSAPP_FROM.'),
  30003: recipient('The phone is off or out of reach.'),
  30004: recipient('The phone or its network has blocked the message.'),
  30005: recipient('The number of the contact is not known to its network. Correct it in the escalation file.'),
  30006: recipient('The number of the contact is a landline or cannot be reached.'),
  63003: recipient('The contact has no WhatsApp under this number.'),
  63014: recipient('The contact has blocked our WhatsApp sender.'),
  63015: recipient('The contact has not joined the WhatsApp sandbox, or not in the last three days.'),
  63024: recipient('WhatsApp does not take this number as a recipient.'),

  // The message
  21611: recipient('The queue of our number is full.'),
  21617: recipient('The message is longer than 1,600 characters.'),
  21656: operator('The template does not take the values we give it. Compare its variables with the documentation.'),
  30001: recipient('The queue of our number is full.'),
  30007: recipient('A carrier has filtered the message as spam.'),
  30008: recipient('The carrier did not deliver the message and gave no reason.'),
  30032: operator('Our toll-free number is not verified. Verify it in the Twilio console.'),
  30034: operator('Our number is not registered for messages to the USA. Register it in the Twilio console.'),
  30036: recipient('The message was not delivered in the time it was worth delivering.'),
  63016: recipient('WhatsApp takes free text only within 24 h of a message of the contact. Set WHATSAPP_CONTENT_SID.'),
  63018: recipient('WhatsApp had too many messages from our sender.'),
  63021: recipient('WhatsApp refused the text of the message, for its length or its form.'),
};

/** What a code means, or undefined for one that is not in the table. */
export const classify = (code: number): CodeMeaning | undefined => codeMeanings[code];
