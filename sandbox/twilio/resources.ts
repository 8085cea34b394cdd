/** Messages and calls in the format of the REST API: https://www.twilio.com/docs/messaging/api/message-resource */
import type { Call, Message } from './world.js';

export const apiVersion = '2010-04-01';

/** RFC 2822, Twilio's format of dates. */
export const rfc2822 = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');
const dateOrNull = (at: number | null): string | null => (at === null ? null : rfc2822(at));

export const accountPath = (accountSid: string): string => `/${apiVersion}/Accounts/${accountSid}`;

export const messageResource = (accountSid: string, message: Message): Record<string, unknown> => {
  const path = `${accountPath(accountSid)}/Messages/${message.sid}`;
  return {
    account_sid: accountSid,
    api_version: apiVersion,
    body: message.body,
    date_created: rfc2822(message.createdAt),
    date_sent: dateOrNull(message.sentAt),
    date_updated: rfc2822(message.updatedAt),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    // No sender yet while a Messaging Service chooses one.
    from: message.status === 'accepted' ? null : message.from,
    messaging_service_sid: message.serviceSid,
    num_media: '0',
    num_segments: String(Math.max(1, Math.ceil(message.body.length / 160))),
    price: null,
    price_unit: 'USD',
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${path}/Media.json` },
    to: message.to,
    uri: `${path}.json`,
  };
};

export const talkSeconds = (call: Call): number =>
  call.answeredAt === null ? 0 : Math.ceil(((call.endedAt ?? Date.now()) - call.answeredAt) / 1000);

/** https://www.twilio.com/docs/voice/api/call-resource */
export const callResource = (accountSid: string, call: Call): Record<string, unknown> => {
  const path = `${accountPath(accountSid)}/Calls/${call.sid}`;
  return {
    account_sid: accountSid,
    annotation: null,
    answered_by: null,
    api_version: apiVersion,
    caller_name: null,
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(call.updatedAt),
    direction: 'outbound-api',
    duration: call.endedAt === null ? null : String(talkSeconds(call)),
    end_time: dateOrNull(call.endedAt),
    forwarded_from: null,
    from: call.from,
    from_formatted: call.from,
    group_sid: null,
    parent_call_sid: null,
    phone_number_sid: '',
    price: null,
    price_unit: 'USD',
    queue_time: '0',
    sid: call.sid,
    start_time: dateOrNull(call.answeredAt ?? call.endedAt),
    status: call.status,
    subresource_uris: { notifications: `${path}/Notifications.json`, recordings: `${path}/Recordings.json` },
    to: call.to,
    to_formatted: call.to,
    trunk_sid: null,
    uri: `${path}.json`,
  };
};
