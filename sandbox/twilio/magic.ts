/**
 * Numbers that always cause the same error, in From and in To, as with Twilio's test credentials:
 * https://www.twilio.com/docs/iam/test-credentials
 */
import { restError, type RestError } from './errors.js';

const number = (last: number): string => `+1500555000${last}`;

const messageFrom: Record<string, RestError> = {
  [number(1)]: restError(21212, `The 'From' number ${number(1)} is not a valid phone number or shortcode.`),
  [number(7)]: restError(
    21606,
    `The 'From' phone number provided (${number(7)}) is not a valid message-capable Twilio phone number for this destination.`,
  ),
  [number(8)]: restError(21611, `This 'From' number ${number(8)} has exceeded the maximum number of queued messages.`),
};

const messageTo: Record<string, RestError> = {
  [number(1)]: restError(21211, `Invalid 'To' Phone Number: ${number(1)}`),
  [number(2)]: restError(21612, `The 'To' phone number ${number(2)} is not currently reachable via SMS.`),
  [number(3)]: restError(21408, `Permission to send an SMS has not been enabled for the region of ${number(3)}`),
  [number(4)]: restError(21610, 'Attempt to send to unsubscribed recipient'),
  [number(9)]: restError(21614, `'To' number is not a valid mobile number: ${number(9)}`),
};

const callFrom: Record<string, RestError> = {
  [number(1)]: restError(21212, `The 'From' number ${number(1)} is not a valid phone number.`),
};

const callTo: Record<string, RestError> = {
  [number(1)]: restError(21217, `Phone number ${number(1)} does not appear to be valid`),
  [number(2)]: restError(21214, `'To' phone number ${number(2)} cannot be reached`),
  [number(3)]: restError(21215, `Account not authorized to call ${number(3)}. No international permission`),
  [number(4)]: restError(21216, `Account not allowed to call ${number(4)}`),
};

export const magicMessageError = (from: string, to: string): RestError | null =>
  messageFrom[from] ?? messageTo[to] ?? null;
export const magicCallError = (from: string, to: string): RestError | null => callFrom[from] ?? callTo[to] ?? null;
