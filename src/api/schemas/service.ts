import { Type } from 'typebox';
import { component, count, ref, time, word } from './component.js';

export const AlarmSchema = component(
  'Alarm',
  Type.Object(
    {
      code: Type.String({ description: 'Which problem it is. It stays the same.' }),
      message: Type.String({ description: 'What is wrong and what to do, as a sentence.' }),
      since: Type.Optional(time('Since when.')),
      contacts: Type.Optional(count('How many contacts it concerns.')),
    },
    { description: 'A problem of this service that an operator must fix. It names no item and no person.' },
  ),
);

export const HomeSchema = component(
  'Home',
  Type.Object(
    {
      name: Type.String(),
      version: Type.String(),
      alarms: Type.Array(ref(AlarmSchema)),
      links: Type.Record(Type.String(), Type.String(), {
        description: 'Name to absolute address. Those of other systems are for whoever is signed in, or has the token.',
      }),
    },
    {
      examples: [
        {
          name: 'Tableau Webhooks',
          version: '0.1.0',
          alarms: [{ code: 'incidents-unacknowledged', message: '1 incident is unacknowledged: nobody answered.' }],
          links: { Incidents: 'https://webhooks.example.com/incidents' },
        },
      ],
    },
  ),
);

export const AliveSchema = component(
  'Alive',
  Type.Object(
    { status: Type.String({ description: '`ok`, or what is wrong.' }) },
    { examples: [{ status: 'ok' }, { status: 'the workers do not respond' }] },
  ),
);

export const ReadySchema = component(
  'Ready',
  Type.Object(
    {
      status: word(['ready', 'not ready'], { description: 'The same as the status 200 or 503.' }),
      temporal: word(['reachable', 'unavailable'], { description: 'Whether Temporal answers.' }),
      unknownSenders: count('Messages from numbers that are no contact, since this process began.'),
      underPressure: Type.Boolean({ description: 'Whether requests that can wait are refused now.' }),
      begun: Type.Optional(Type.Boolean({ description: 'Whether the workers of this process have begun.' })),
      workers: Type.Optional(
        Type.Record(Type.String(), Type.String(), { description: 'Task queue to what its worker does now.' }),
      ),
    },
    {
      examples: [
        {
          status: 'ready',
          temporal: 'reachable',
          unknownSenders: 0,
          underPressure: false,
          begun: true,
          workers: { incidents: 'RUNNING' },
        },
        { status: 'not ready', temporal: 'unavailable', unknownSenders: 0, underPressure: false },
      ],
    },
  ),
);

export const serviceComponents = [AlarmSchema, HomeSchema, AliveSchema, ReadySchema];
