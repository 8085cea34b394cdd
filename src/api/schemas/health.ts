import { Type } from 'typebox';
import { templateStates, webhookStates } from '../../workflows/background-contract.js';
import { channels } from '../../workflows/contract.js';
import { component, count, time, word } from './component.js';

const said = <const T extends readonly string[]>(states: T) =>
  Type.Object({ state: word(states), text: Type.String({ description: 'The same as a sentence.' }) });

const concerned = Type.Object({ contact: Type.String(), channel: Type.Optional(Type.String()) });

export const HealthSchema = component(
  'Health',
  Type.Object(
    {
      version: Type.String(),
      temporal: said(['reachable', 'unavailable']),
      workers: said(['polling', 'none', 'unknown']),
      webhooks: said(webhookStates),
      template: said(templateStates),
      alarms: Type.Array(
        Type.Object({
          code: Type.String({ description: 'Which problem it is. It stays the same.' }),
          message: Type.String({ description: 'What is wrong.' }),
          since: Type.Optional(time('Since when.')),
          contacts: Type.Optional(count('How many contacts it concerns.')),
          concerns: Type.Optional(Type.Array(concerned, { description: 'Whom it concerns, by contact key.' })),
          todo: Type.String({ description: 'What to do.' }),
        }),
      ),
      channels: Type.Array(
        Type.Object({
          contact: Type.String(),
          channel: word(channels),
          isUsed: Type.Boolean({ description: 'Whether a policy can page the contact by it.' }),
          problems: Type.Array(Type.Object({ code: Type.String(), since: time('Since when.') }), {
            description: 'What is wrong; empty: nothing that is known.',
          }),
          isKnown: Type.Boolean({ description: 'False while Temporal does not answer: nobody knows what is wrong.' }),
        }),
        { description: 'How each contact is reached.' },
      ),
    },
    { description: 'How the service is, for whoever is signed in.' },
  ),
  [
    {
      version: '0.1.0',
      temporal: { state: 'reachable', text: 'Temporal answers.' },
      workers: { state: 'polling', text: 'Workers poll for tasks.' },
      webhooks: { state: 'found', text: 'The last look at Tableau has found them enabled.' },
      template: { state: 'unknown', text: 'No message was refused for it.' },
      alarms: [
        {
          code: 'contact-stopped',
          message: '1 contact sent STOP, and a policy pages them by that channel.',
          since: '2026-11-22T18:04:00.000Z',
          contacts: 1,
          concerns: [{ contact: 'ana', channel: 'sms' }],
          todo: 'Ask them to reply START, or take that channel out of the steps in the escalation file.',
        },
      ],
      channels: [
        {
          contact: 'ana',
          channel: 'sms',
          isUsed: true,
          problems: [{ code: 'contact-stopped', since: '2026-11-22T18:04:00.000Z' }],
          isKnown: true,
        },
      ],
    },
  ],
);
