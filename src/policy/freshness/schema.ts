/** The form of freshness promises, and of the watch of flow runs, in the escalation file. */
import { Type, type Static } from 'typebox';
import { durationPattern } from '../duration.js';
import { beginPattern, weekdays } from '../local-time.js';

const strict = { additionalProperties: false };
const pattern = Type.String({ minLength: 1, maxLength: 256 });
const duration = Type.String({ pattern: durationPattern });

export const FreshnessEntry = Type.Object(
  {
    items: Type.Union([
      Type.Literal('*'),
      Type.Object(
        { item: Type.Optional(pattern), project: Type.Optional(pattern), tag: Type.Optional(pattern) },
        { ...strict, minProperties: 1 },
      ),
    ]),
    by: Type.Optional(Type.String({ pattern: beginPattern })),
    timezone: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    days: Type.Optional(Type.Array(Type.Enum([...weekdays]), { minItems: 1, maxItems: 7 })),
    since: Type.Optional(duration),
    holidays: Type.Optional(Type.String({ minLength: 1, maxLength: 2_000 })),
    maxAge: Type.Optional(duration),
    learned: Type.Optional(Type.Literal(true)),
    policy: Type.Optional(Type.String({ minLength: 1 })),
    shadow: Type.Optional(Type.Literal(true)),
  },
  strict,
);
export type FreshnessEntry = Static<typeof FreshnessEntry>;

export const mostPromises = 200;
export const FreshnessEntries = Type.Array(FreshnessEntry, { minItems: 1, maxItems: mostPromises });

/** Whether runs of flows are watched, and how often Tableau is asked for them. */
export const FlowsEntry = Type.Union([Type.Literal(true), Type.Object({ every: Type.Optional(duration) }, strict)]);
export type FlowsEntry = Static<typeof FlowsEntry>;
export const flowsBounds = ['1m', '1h'] as const;

/** As `bounds` of the file. */
export const freshnessBounds = { since: ['1h', '14d'], maxAge: ['5m', '90d'] } as const;

/** As `expected` of the file. */
export const expectedOfFreshness = {
  freshness: `a list of { items, by, maxAge or learned, … }, at least one and at most ${mostPromises}`,
  flows: 'true, or a map of every',
  items: '"*" for every item, or a map of item, project or tag',
  tag: 'a tag; * stands for any letters',
  holidays: 'an https address or the path of a file, in iCalendar',
  learned: 'true: new data when the item usually has it',
  shadow: 'true: late items are reported, and nobody is paged',
} as const;

/** What `by` of a promise must be; that of a step is a channel. */
export const timeOfPromise = 'a time of day in quotes, such as "07:00"';

/** What `every` of flows must be; that of a rotation has no minutes. */
export const timeBetweenLooks = `a duration from ${flowsBounds[0]} to ${flowsBounds[1]}, such as 90s, 5m or 1h`;
