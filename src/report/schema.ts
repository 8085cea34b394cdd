/** The form of a report, as `GET /report` and `tableau-webhooks report --json` give it. */
import { Type, type Static, type TSchema } from 'typebox';

const nullable = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const count = Type.Integer({ minimum: 0 });
const instant = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' });
const Span = Type.Object({ from: instant, to: instant });

const SpreadView = Type.Object(
  { count, medianSeconds: nullable(Type.Number()), p90Seconds: nullable(Type.Number()) },
  { description: 'Of how many, the median, and what 90 of 100 took at most.' },
);
const Sent = Type.Object({ whatsapp: count, sms: count, call: count });

export const Totals = Type.Object({
  episodes: count,
  ignored: Type.Integer({ minimum: 0, description: 'By a route, besides those above.' }),
  paged: count,
  acknowledged: count,
  recovered: count,
  unanswered: Type.Integer({ minimum: 0, description: 'Somebody was paged, and nobody answered.' }),
  open: count,
  failedAgain: Type.Integer({ minimum: 0, description: 'Within 24 h of their end.' }),
  toAcknowledge: SpreadView,
  toRecover: SpreadView,
  sent: Sent,
  wakings: count,
  cost: nullable(Type.Number()),
});
export type Totals = Static<typeof Totals>;

const Group = Type.Object({
  name: nullable(Type.String({ description: 'Null: not known.' })),
  episodes: count,
  before: nullable(count),
  acknowledged: count,
  failedAgain: count,
  toAcknowledge: SpreadView,
  toRecover: SpreadView,
});
export type Group = Static<typeof Group>;

const PersonView = Type.Object({
  contact: nullable(Type.String({ description: 'Null: by a page or a script, by nobody who is a contact.' })),
  acknowledged: count,
  toAcknowledge: SpreadView,
  sent: Sent,
  wakings: count,
  cost: nullable(Type.Number()),
  before: nullable(Type.Object({ acknowledged: count, wakings: count, cost: nullable(Type.Number()) })),
});
export type PersonView = Static<typeof PersonView>;

const Hour = Type.Object({ hour: Type.Integer({ minimum: 0, maximum: 23 }), episodes: count, wakings: count });
const Day = Type.Object({ date: Type.String({ format: 'date' }), episodes: count, wakings: count });
const Again = Type.Object({ incident: Type.String(), item: Type.String(), times: count, lastAt: instant });
const Read = Type.Object({ read: count, of: nullable(count) });

const TotalsOfSpan = Type.Object({ ...Span.properties, ...Totals.properties });
export type TotalsOfSpan = Static<typeof TotalsOfSpan>;

export const ReportView = Type.Object({
  zone: Type.String({ description: 'The time zone of days, hours and the night.' }),
  period: TotalsOfSpan,
  before: nullable(TotalsOfSpan),
  lastNight: Type.Union([TotalsOfSpan, Type.Null()], { description: 'Null where it is not known, as `before`.' }),
  days: Type.Array(Day, {
    description: 'Without those that Temporal does not keep any more, or of which nothing is known.',
  }),
  hours: Type.Array(Hour, { description: 'All 24; none where nothing is known of the period.' }),
  projects: Type.Array(Group),
  owners: Type.Array(Group),
  causes: Type.Array(Group),
  policies: Type.Array(Group),
  people: Type.Array(PersonView),
  again: Type.Array(Again),
  currency: nullable(Type.String()),
  keptFrom: Type.Union([instant, Type.Null()], {
    description: 'What ended before is removed by Temporal; null where that is not known.',
  }),
  isComplete: Type.Boolean({ description: 'False while histories are still being read.' }),
  isWhole: Type.Boolean({ description: 'False where some histories were not read: counts are the least there was.' }),
  incidents: Read,
  pagers: Read,
  notes: Type.Array(Type.String()),
});
export type ReportView = Static<typeof ReportView>;
