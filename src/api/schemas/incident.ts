import { Type, type TProperties } from 'typebox';
import { channels, incidentStates, itemKinds } from '../../workflows/contract.js';
import { nextCodes, pageStatuses } from '../../workflows/view-contract.js';
import { component, count, nullable, ref, time, word } from './component.js';

const text = (description: string) => Type.String({ description });
const maybeText = (description: string) => nullable(Type.String(), { description });
const maybeTime = (description: string) => nullable(Type.String({ format: 'date-time' }), { description });

export const ItemSchema = component(
  'Item',
  Type.Object(
    {
      kind: word(itemKinds, { description: 'What it is.' }),
      luid: text("Tableau's id of it."),
      name: text('Its name in Tableau, or its luid where that is not known. The name of a user is its luid.'),
      site: text("Tableau's id of its site, or `-` where Tableau named none."),
    },
    { description: 'The workbook, data source, flow or other thing of Tableau that an incident is about.' },
  ),
);

export const NextSchema = component(
  'Next',
  Type.Object(
    {
      at: time('When it happens.'),
      code: word(nextCodes, { description: 'What happens, as a word that programs can compare.' }),
      what: text('What happens, as a sentence for people.'),
    },
    { description: 'What happens next when nobody does anything.' },
  ),
);

const row = {
  id: text('The id of the incident: `refresh:<site>:<item>` mostly.'),
  episode: maybeText(
    'The id of the present episode: another one when it fails again after it was over. Null before it has begun.',
  ),
  state: word(incidentStates, { description: 'How far it is.' }),
  item: ref(ItemSchema),
  event: text('The type of the last event that failed, such as `WorkbookRefreshFailed`.'),
  cause: maybeText('Why it failed, one sentence; null where that is not known.'),
  project: maybeText("The path of the item's project; null where it is not known."),
  ownerRole: maybeText("The contact key of the item's owner; null where no contact has it, or that is not known."),
  failures: count('How many failures this episode has had.'),
  firstFailedAt: time('The first of these failures.'),
  lastFailedAt: time('The last of these failures.'),
  acknowledgedBy: maybeText('Who took it: a contact key, or `api` for any other name; null while nobody has.'),
  acknowledgedAt: maybeTime('When that was.'),
  snoozedBy: maybeText('Who snoozed it, as in `acknowledgedBy`; null unless it is snoozed.'),
  snoozedUntil: maybeTime('Until when; null unless it is snoozed.'),
  endedAt: maybeTime('When it was over; null while it is not.'),
  policy: text('The name of its escalation policy.'),
  step: count('The number of the step that was last begun, from 1; 0 before the first.'),
  round: count("How many rounds of the policy's steps have begun."),
  pages: count('How many pages were requested.'),
  next: nullable(ref(NextSchema)),
} satisfies TProperties;

/** Of an example that all places share. */
const exampleRow = {
  id: 'refresh:8b2a95d8-52b9-40a4-8712-cd6da771bd1b:3f1c7a0e-6f0b-4f0e-9a55-0c6e3a1d2b47',
  episode: '0b8f1d60-6f0c-4d6c-a5b4-4f7d8f0e9a31-1',
  state: 'acknowledged',
  item: {
    kind: 'workbook',
    luid: '3f1c7a0e-6f0b-4f0e-9a55-0c6e3a1d2b47',
    name: 'Sales',
    site: '8b2a95d8-52b9-40a4-8712-cd6da771bd1b',
  },
  event: 'WorkbookRefreshFailed',
  cause: 'Snowflake login failed.',
  project: 'Finance/Daily',
  ownerRole: null,
  failures: 2,
  firstFailedAt: '2026-11-23T03:00:05.000Z',
  lastFailedAt: '2026-11-23T03:30:04.000Z',
  acknowledgedBy: 'ana',
  acknowledgedAt: '2026-11-23T03:06:41.000Z',
  snoozedBy: null,
  snoozedUntil: null,
  endedAt: null,
  policy: 'default',
  step: 1,
  round: 1,
  pages: 1,
  next: { at: '2026-11-23T07:06:41.000Z', code: 'reminder', what: 'Reminder to ana' },
} as const;

export const IncidentRowSchema = component(
  'IncidentRow',
  Type.Object(row, { description: 'An incident as lists show it.', examples: [exampleRow] }),
);

export const IncidentListSchema = component(
  'IncidentList',
  Type.Object(
    {
      incidents: Type.Array(ref(IncidentRowSchema), { description: 'The newest failure first.' }),
      next: nullable(Type.String(), {
        description:
          'The `cursor` of what follows; null at the end. A list may be shorter than `limit` and still have it.',
      }),
    },
    { examples: [{ incidents: [exampleRow], next: null }] },
  ),
);

export const DetailSchema = component(
  'IncidentDetail',
  Type.Object(
    {
      project: Type.Optional(text('The path of its project.')),
      url: Type.Optional(text('Where it is in Tableau.')),
      tags: Type.Optional(Type.Array(Type.String(), { description: 'Its tags in Tableau.' })),
      cause: Type.Optional(text('Why the refresh failed, one sentence.')),
      problems: Type.Array(Type.String(), { description: 'What could not be learnt, in plain words.' }),
      consecutiveFailures: Type.Optional(Type.Number({ description: "Failures in a row by Tableau's count." })),
      lastGoodAt: Type.Optional(time('The end of the last refresh that worked.')),
      nextRunAt: Type.Optional(time('The next planned refresh.')),
      downstreamWorkbooks: Type.Optional(Type.Number({ description: 'How many workbooks use the data source.' })),
      unknownItem: Type.Optional(Type.Boolean({ description: 'Tableau has no item with this luid.' })),
    },
    { description: 'What Tableau knows of the item and its failure.' },
  ),
);

export const TimelineEntrySchema = component(
  'TimelineEntry',
  Type.Object({
    at: time('When it happened.'),
    type: text('What happened, as a word that programs can compare: `failed`, `sent`, `acknowledged`, …'),
    text: text('What happened, as a sentence for people.'),
  }),
);

export const PageSchema = component(
  'Page',
  Type.Object(
    {
      n: Type.Integer({ minimum: 1, description: 'Counts from 1 in each episode of an incident.' }),
      contact: text('A contact key of the escalation file.'),
      channel: word(channels, { description: 'How it goes.' }),
      step: nullable(Type.Integer(), {
        description: 'The number of its step; null for the last page when nobody answered.',
      }),
      requestedAt: time('When the incident asked for it.'),
      status: word(pageStatuses, { description: 'How far it is.' }),
      sentAt: maybeTime('When it was sent; null before.'),
      readAt: maybeTime('When WhatsApp showed it; null where that is not known.'),
      heldUntil: maybeTime('It is held until then; null: it is not held.'),
      why: maybeText('Why it is held or was not sent: a sentence, or the code it failed with.'),
    },
    { description: 'The incident, put before one contact through one channel.' },
  ),
);

export const IncidentSchema = component(
  'Incident',
  Type.Object(
    {
      ...row,
      detail: nullable(ref(DetailSchema), { description: 'Null before Tableau has answered.' }),
      timeline: Type.Array(ref(TimelineEntrySchema), { description: 'The oldest first, at most the newest 200.' }),
      pagesSent: Type.Array(ref(PageSchema), {
        description: 'The pages of the present episode, the oldest first, at most the newest 200.',
      }),
    },
    {
      description: 'An incident with all that is known of it.',
      examples: [
        {
          ...exampleRow,
          detail: { project: 'Finance/Daily', cause: 'Snowflake login failed.', problems: [] },
          timeline: [{ at: '2026-11-23T03:00:05.000Z', type: 'failed', text: 'WorkbookRefreshFailed' }],
          pagesSent: [
            {
              n: 1,
              contact: 'ana',
              channel: 'whatsapp',
              step: 1,
              requestedAt: '2026-11-23T03:00:06.000Z',
              status: 'read',
              sentAt: '2026-11-23T03:00:07.000Z',
              readAt: '2026-11-23T03:05:50.000Z',
              heldUntil: null,
              why: null,
            },
          ],
        },
      ],
    },
  ),
);

export const RecordedSchema = component(
  'Recorded',
  Type.Object(
    { status: Type.Literal('recorded', { description: 'Always this.' }) },
    { description: 'The answer is recorded; what became of it is not known yet.', examples: [{ status: 'recorded' }] },
  ),
);

export const incidentComponents = [
  ItemSchema,
  NextSchema,
  IncidentRowSchema,
  IncidentListSchema,
  DetailSchema,
  TimelineEntrySchema,
  PageSchema,
  IncidentSchema,
  RecordedSchema,
];
