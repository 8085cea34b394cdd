import { Type } from 'typebox';
import { freshnessAlarmCodes, lateStates } from '../../workflows/freshness-contract.js';
import { component, count, nullable, ref, time, word } from './component.js';
import { ItemSchema } from './incident.js';

const lookedAt = nullable(Type.String({ format: 'date-time' }), {
  description: 'When Tableau last answered; null: it has not yet.',
});

export const FreshnessRowSchema = component(
  'FreshnessRow',
  Type.Object({
    item: ref(ItemSchema),
    project: Type.Optional(Type.String({ description: 'The path of its project.' })),
    promise: Type.String({ description: 'What is promised: "new data by 07:00 Mon-Fri Europe/Berlin".' }),
    shadow: Type.Optional(Type.Boolean({ description: 'It is watched, and nobody is paged for it.' })),
    state: word([...lateStates, 'on-time'], { description: 'Why it is late, or that it is not.' }),
    why: Type.Optional(Type.String({ description: 'The same as a sentence; absent while it is on time.' })),
    root: Type.Optional(Type.String({ description: 'The name of the item because of which it is late.' })),
    lastDataAt: Type.Optional(time('When it last had new data.')),
    deadline: Type.Optional(time('The deadline that passed last.')),
    nextDeadline: Type.Optional(time('The next one.')),
    expectedRunAt: Type.Optional(time('When Tableau said that its next refresh begins.')),
  }),
);

const FlowsSchema = component(
  'Flows',
  Type.Object(
    {
      lookedAt,
      failed: Type.Array(
        Type.Object({
          item: ref(ItemSchema),
          failedAt: time('When its last run failed.'),
          paged: Type.Boolean({ description: 'Whether somebody is paged for it.' }),
        }),
        { description: 'The newest failure first.' },
      ),
    },
    { description: 'Flows whose last known run failed.' },
  ),
);

const FreshnessSiteSchema = component(
  'FreshnessSite',
  Type.Object({
    site: Type.String({ description: "The site's name in its address; empty for the default site." }),
    lookedAt,
    nextLook: Type.Object({
      at: time('When Tableau is asked next.'),
      what: Type.String({ description: 'The same as a sentence.' }),
    }),
    alarms: Type.Array(
      Type.Object({
        code: word(freshnessAlarmCodes, { description: 'Which problem it is.' }),
        since: time('Since when.'),
        text: Type.String({ description: 'What is wrong, as a sentence.' }),
      }),
      { description: 'Why it may not be known what is late.' },
    ),
    promised: count('Of how many items data is promised, whatever `limit` is.'),
    late: count('How many of these are late, whatever `limit` is.'),
    flows: Type.Optional(ref(FlowsSchema)),
    items: Type.Array(ref(FreshnessRowSchema), { description: 'What is late first, then what is due next.' }),
  }),
);

export const FreshnessSchema = component(
  'Freshness',
  Type.Object(
    { sites: Type.Array(ref(FreshnessSiteSchema)) },
    {
      examples: [
        {
          sites: [
            {
              site: 'sales',
              lookedAt: '2026-11-23T07:00:04.000Z',
              nextLook: { at: '2026-11-23T07:05:00.000Z', what: 'Tableau is asked' },
              alarms: [],
              promised: 1,
              late: 1,
              items: [
                {
                  item: { kind: 'workbook', luid: '3f1c7a0e', name: 'Sales', site: '-' },
                  promise: 'new data by 07:00 Mon-Fri Europe/Berlin',
                  state: 'never-began',
                  why: 'No new data by Mon 07:00: its run of 05:00 never began.',
                  lastDataAt: '2026-11-20T05:04:00.000Z',
                  deadline: '2026-11-23T06:00:00.000Z',
                },
              ],
            },
          ],
        },
      ],
    },
  ),
);

const PromiseEpisodesSchema = component(
  'PromiseEpisodes',
  Type.Object({
    promise: Type.String({ description: 'What is promised: "new data by 07:00 Mon-Fri Europe/Berlin".' }),
    learned: Type.Boolean({ description: 'Whether it was learned from past refreshes rather than declared.' }),
    late: count('How often something was late.'),
    paged: count('How often somebody was paged.'),
    shadow: count('How often somebody would have been paged.'),
    open: count('How many of these have no new data yet.'),
    medianLatenessMinutes: nullable(Type.Number(), {
      description: 'From the deadline until the time of the new data; null where none has come.',
    }),
    precision: nullable(
      Type.Object({
        reallyLate: count('How many were really late.'),
        of: count('Of how many that is known.'),
        value: nullable(Type.Number({ minimum: 0, maximum: 1 }), {
          description: 'Their share; null where it is of none.',
        }),
      }),
      { description: 'For learned promises: how much of it was really late. Null for declared ones.' },
    ),
  }),
);

const EpisodeSiteSchema = component(
  'FreshnessReportSite',
  Type.Object({
    site: Type.String({ description: "The site's name in its address; empty for the default site." }),
    lookedAt,
    since: time('Deadlines from then on count.'),
    promises: Type.Array(ref(PromiseEpisodesSchema), { description: 'The one that was late most often first.' }),
  }),
);

export const FreshnessReportSchema = component(
  'FreshnessReport',
  Type.Object(
    { sites: Type.Array(ref(EpisodeSiteSchema)) },
    {
      examples: [
        {
          sites: [
            {
              site: 'sales',
              lookedAt: '2026-11-23T07:00:04.000Z',
              since: '2026-10-24T07:00:10.000Z',
              promises: [
                {
                  promise: 'new data by 07:00 Mon-Fri Europe/Berlin',
                  learned: false,
                  late: 3,
                  paged: 3,
                  shadow: 0,
                  open: 1,
                  medianLatenessMinutes: 42,
                  precision: null,
                },
              ],
            },
          ],
        },
      ],
    },
  ),
);

export const freshnessComponents = [
  FreshnessRowSchema,
  FlowsSchema,
  FreshnessSiteSchema,
  FreshnessSchema,
  PromiseEpisodesSchema,
  EpisodeSiteSchema,
  FreshnessReportSchema,
];
