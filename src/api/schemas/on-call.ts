import { Type } from 'typebox';
import type { SilenceKey } from '../../workflows/on-call-contract.js';
import { component, line, nullable, ref, time } from './component.js';

const OnCallRowSchema = component(
  'OnCallRow',
  Type.Object({
    now: nullable(Type.String(), { description: 'The contact key of who is on call; null: nobody.' }),
    until: nullable(Type.String({ format: 'date-time' }), {
      description: 'Until when; null: nothing is planned after it.',
    }),
    next: nullable(Type.String(), { description: 'Who is on call then; null: nobody, or not known.' }),
    override: Type.Boolean({ description: 'Whether an override put them there.' }),
  }),
);

export const OnCallSchema = component(
  'OnCall',
  Type.Object(
    {
      schedules: Type.Record(Type.String(), ref(OnCallRowSchema), { description: 'By the name of the schedule.' }),
      problem: Type.Optional(
        Type.String({ description: 'There only while overrides could not be read: then this is by the file alone.' }),
      ),
    },
    {
      examples: [
        { schedules: { data: { now: 'ana', until: '2026-11-23T08:00:00.000Z', next: 'ben', override: false } } },
      ],
    },
  ),
);

const override = {
  id: Type.String({ format: 'uuid', description: 'By which it is ended.' }),
  schedule: Type.String({ description: 'The name of a schedule of the escalation file.' }),
  contact: Type.String({ description: 'The contact key of who is on call.' }),
  from: time('The beginning.'),
  to: time('The end; it is excluded.'),
};
const exampleOverride = {
  id: '2f6f7a9e-8b0c-4c57-9c32-1c1d5f2f5d10',
  schedule: 'data',
  contact: 'ben',
  from: '2026-12-24T18:00:00.000Z',
  to: '2026-12-26T08:00:00.000Z',
};

export const OverrideSchema = component('Override', Type.Object(override, { examples: [exampleOverride] }));

export const OverrideListSchema = component(
  'OverrideList',
  Type.Object(
    {
      overrides: Type.Array(Type.Object({ ...override, by: Type.String({ description: 'Who made it.' }) }), {
        description: 'Those that are not over.',
      }),
    },
    { examples: [{ overrides: [{ ...exampleOverride, by: 'api' }] }] },
  ),
);

const matchDescriptions: Readonly<Record<SilenceKey, string>> = {
  item: 'The name of the item.',
  project: 'The path of its project.',
  tag: 'One of its tags.',
  site: 'Its site, by luid or name.',
  event: 'The type of the event.',
};
const pattern = (description: string) => Type.Optional(line(128, description));

/** Patterns, all of which must fit. */
export const SilenceMatchSchema = component(
  'SilenceMatch',
  Type.Object(
    {
      item: pattern(matchDescriptions.item),
      project: pattern(matchDescriptions.project),
      tag: pattern(matchDescriptions.tag),
      site: pattern(matchDescriptions.site),
      event: pattern(matchDescriptions.event),
    },
    {
      additionalProperties: false,
      minProperties: 1,
      description: 'What it silences: all patterns must fit, and `*` stands for anything.',
    },
  ),
);

const silence = {
  id: Type.String({ format: 'uuid', description: 'By which it is ended.' }),
  match: ref(SilenceMatchSchema),
  start: time('The beginning.'),
  end: time('The end; it is excluded.'),
  reason: Type.String({ description: 'Why.' }),
  by: Type.String({ description: 'Who made it.' }),
};
const exampleSilence = {
  id: '6a1f0cb5-2f0e-4a53-8d0f-8f8f7f1f4a02',
  match: { project: 'Finance/*' },
  start: '2026-11-23T18:00:00.000Z',
  end: '2026-11-23T20:00:00.000Z',
  reason: 'The warehouse is being moved.',
  by: 'api',
};

export const SilenceSchema = component('Silence', Type.Object(silence, { examples: [exampleSilence] }));
export const SilenceListSchema = component(
  'SilenceList',
  Type.Object(
    { silences: Type.Array(ref(SilenceSchema), { description: 'Those that are not over.' }) },
    { examples: [{ silences: [exampleSilence] }] },
  ),
);

export const onCallComponents = [
  OnCallRowSchema,
  OnCallSchema,
  OverrideSchema,
  OverrideListSchema,
  SilenceMatchSchema,
  SilenceSchema,
  SilenceListSchema,
];
