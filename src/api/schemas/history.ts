import { Type } from 'typebox';
import { ReportView } from '../../report/schema.js';
import { MessageRow } from '../message-list.js';
import { component, count, nullable, ref } from './component.js';

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
);

export const ReportSchema = component('Report', ReportView);

export const historyComponents = [MessageSchema, MessageListSchema, ReportSchema];
