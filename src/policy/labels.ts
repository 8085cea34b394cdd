/** Labels in Tableau, which tell the readers of a data source that it is stale (docs/labels.md). */
import { Type, type Static } from 'typebox';
import type { Item, Labelling } from '../workflows/contract.js';

export interface Labels extends Labelling {
  /** Requests to Tableau for labels in a minute, of each worker process. */
  perMinute: number;
}

const defaultPerMinute = 60;

/** `labels: true`, or `labels: { who: true, perMinute: 30 }`. */
export const LabelsEntry = Type.Union([
  Type.Boolean(),
  Type.Object(
    { who: Type.Optional(Type.Boolean()), perMinute: Type.Optional(Type.Integer({ minimum: 6, maximum: 600 })) },
    { additionalProperties: false },
  ),
]);

/** Nothing where they are off. */
export function labelsFrom(entry: Static<typeof LabelsEntry> | undefined): { labels?: Labels } {
  if (entry === undefined || entry === false) return {};
  const { who = false, perMinute = defaultPerMinute } = entry === true ? {} : entry;
  return { labels: { who, perMinute } };
}

/** What the event of an item says of labels: nothing where they are off, or where Tableau cannot label the item. */
export const labellingOf = ({ labels }: { labels?: Labels }, { kind }: Pick<Item, 'kind'>): { labels?: Labelling } =>
  labels && kind === 'datasource' ? { labels: { who: labels.who } } : {};
