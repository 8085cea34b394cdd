import { Type } from 'typebox';
import { ReportView } from '../../report/schema.js';
import { MessageRow } from '../history/message-list.js';
import { component, count, nullable, ref } from './component.js';
import { exampleReport } from './report-example.js';

export const MessageSchema = component('Message', MessageRow);

export const MessageListSchema = component(
  'MessageList',
  Type.Object({
    messages: Type.Array(ref(MessageSchema), { description: 'The newest first.' }),
    next: nullable(Type.String(), { description: 'The `cursor` of what follows; null at the end.' }),
    currency: nullable(Type.String(), { description: 'Of `cost`; null where the escalation file has no prices.' }),
    isComplete: Type.Boolean({ description: 'False while histories are still being read.' }),
    pagers: Type.Object({
      read: count('How many histories of pagers have been read.'),
      of: nullable(Type.Integer(), { description: 'Of how many; null while that is not known.' }),
    }),
    notes: Type.Array(Type.String(), {
      description: 'Sentences on what is missing: what could not be read, and what Temporal does not keep any more.',
    }),
  }),
  [
    {
      messages: [
        {
          attempt: '9d1f0c52-3b7e-4a41-8a53-5a0f6f7f0c11',
          contact: 'ana',
          channel: 'sms',
          at: '2026-11-23T03:05:07.000Z',
          sid: `SM${'0'.repeat(32)}`,
          outcome: 'arrived',
          status: 'delivered',
          statuses: [
            { at: '2026-11-23T03:05:07.000Z', status: 'accepted' },
            { at: '2026-11-23T03:05:10.000Z', status: 'delivered' },
          ],
          tries: 1,
          segments: 2,
          items: [
            {
              incident: 'refresh:8b2a95d8-52b9-40a4-8712-cd6da771bd1b:3f1c7a0e-6f0b-4f0e-9a55-0c6e3a1d2b47',
              name: 'Sales',
            },
          ],
          answered: { at: '2026-11-23T03:06:41.000Z', by: 'reply' },
          cost: 0.16,
        },
      ],
      next: null,
      currency: 'EUR',
      isComplete: true,
      pagers: { read: 2, of: 2 },
      notes: [],
    },
  ],
);

export const ReportSchema = component('Report', ReportView, [exampleReport]);

export const historyComponents = [MessageSchema, MessageListSchema, ReportSchema];
