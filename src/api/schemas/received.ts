/** What Tableau and Twilio send, as far as this service reads it. */
import { Type } from 'typebox';
import { component, nullable, word } from './component.js';

const someText = (description: string) => Type.Optional(nullable(Type.String(), { description }));

const id = { minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' };

/** https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html */
export const EventSchema = component(
  'TableauEvent',
  Type.Object(
    {
      event_type: Type.String({ ...id, description: 'Such as `WorkbookRefreshFailed`.' }),
      resource_luid: Type.String({ ...id, description: "Tableau's id of the item." }),
      resource: someText('Not read: refresh events have `EXTRACTS` whatever the item is.'),
      resource_name: someText('The name of the item.'),
      site_luid: Type.Optional(
        nullable(Type.String({ maxLength: 256, pattern: id.pattern }), { description: "Tableau's id of its site." }),
      ),
      created_at: someText('When it happened, ISO 8601.'),
    },
    {
      description: 'A delivery of a Tableau webhook.',
      examples: [
        {
          resource: 'EXTRACTS',
          event_type: 'WorkbookRefreshFailed',
          resource_name: 'Sales',
          site_luid: '8b2a95d8-52b9-40a4-8712-cd6da771bd1b',
          resource_luid: '3f1c7a0e-6f0b-4f0e-9a55-0c6e3a1d2b47',
          created_at: '2026-11-23T03:00:05Z',
        },
      ],
    },
  ),
);

/** Documented as empty, and seen with an event type of its own. */
export const TestSchema = component(
  'TableauTest',
  Type.Union([Type.Object({}, { maxProperties: 0 }), Type.Object({ event_type: Type.Literal('Test') })], {
    description: 'The test of a Tableau webhook.',
    examples: [{}],
  }),
);

export const AcceptedSchema = component(
  'Accepted',
  Type.Object(
    {
      status: word(['accepted', 'test', 'ignored'], {
        description:
          '`accepted`: Temporal has it. `test`: it was the test of a webhook. `ignored`: nobody is paged for such an event.',
      }),
      incident: Type.Optional(Type.String({ description: 'The id of the incident that it belongs to.' })),
    },
    { examples: [{ status: 'accepted', incident: 'refresh:8b2a95d8:3f1c7a0e' }] },
  ),
);

/** Nobody's id at Twilio. */
const sid = (kind: 'AC' | 'SM' | 'CA'): string => kind + '0'.repeat(32);

const accountSid = Type.String({ description: 'Our account, else the request is refused.' });
const field = (description: string) => Type.Optional(Type.String({ description }));

/** https://www.twilio.com/docs/messaging/guides/webhook-request */
export const MessageFormSchema = component(
  'TwilioMessage',
  Type.Object(
    {
      AccountSid: accountSid,
      MessageSid: Type.String({ description: 'By which a copy is recognised.' }),
      From: field('Of whom: a number, or `whatsapp:` and a number.'),
      Body: field('The text.'),
      ButtonPayload: field('What a WhatsApp button says that was pressed.'),
      ButtonText: field('The text of that button.'),
      OptOutType: field('`STOP`, `START` or `HELP`, where Twilio recognised one.'),
      OriginalRepliedMessageSid: field('The message that was answered by swiping.'),
    },
    {
      description: 'A text or WhatsApp message that somebody sent. Twilio sends more fields, which are not read.',
      examples: [{ AccountSid: sid('AC'), MessageSid: sid('SM'), From: 'whatsapp:+15550000001', Body: 'ACK' }],
    },
  ),
);

/** https://www.twilio.com/docs/voice/twiml/gather */
export const CallFormSchema = component(
  'TwilioCall',
  Type.Object(
    {
      AccountSid: accountSid,
      CallSid: Type.String({ description: 'By which a copy is recognised, with the keys.' }),
      Digits: field('The keys that were pressed: 1 takes it, 2 runs the refresh again, 3 resolves it.'),
    },
    {
      description:
        'A call that was answered, or in which a key was pressed. Twilio sends more fields, which are not read.',
      examples: [{ AccountSid: sid('AC'), CallSid: sid('CA'), Digits: '1' }],
    },
  ),
);

/** https://www.twilio.com/docs/messaging/guides/track-outbound-message-status */
export const StatusFormSchema = component(
  'TwilioStatus',
  Type.Object(
    {
      AccountSid: accountSid,
      MessageSid: field('Of a message.'),
      CallSid: field('Of a call.'),
      MessageStatus: field('Such as `delivered` or `undelivered`.'),
      CallStatus: field('Such as `completed` or `busy`.'),
      ErrorCode: field('Why it failed.'),
    },
    {
      description: 'A delivery receipt, or the status of a call. Twilio sends more fields, which are not read.',
      examples: [{ AccountSid: sid('AC'), MessageSid: sid('SM'), MessageStatus: 'delivered' }],
    },
  ),
);

export const receivedComponents = [
  EventSchema,
  TestSchema,
  AcceptedSchema,
  MessageFormSchema,
  CallFormSchema,
  StatusFormSchema,
];
