/**
 * Data labels: https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_data_labels.htm
 * An asset has one label of each category. Its owner is whoever changed it last.
 */
import { randomUUID } from 'node:crypto';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { badRequest, tableauError, unknownResource, type TableauError } from './errors.js';
import { listOf } from './resources.js';
import { tableauTime, type Ports, type TableauState, type User } from './world.js';

type Json = Record<string, unknown>;

export interface Label {
  luid: string;
  contentLuid: string;
  value: string;
  category: string;
  message: string;
  active: boolean;
  elevated: boolean;
  owner: User;
  createdAt: number;
  updatedAt: number;
}

/** Each value with its category. Tableau's own monitoring sets the last two, and nobody else. */
const values: Record<string, string> = {
  Certified: 'certification',
  Deprecated: 'warning',
  'Stale data': 'warning',
  'Under maintenance': 'warning',
  Warning: 'warning',
  'Sensitive data': 'sensitivity',
  'Extract refresh failed': 'warning',
  'Flow run failed': 'warning',
};

const flag = Type.Union([Type.Boolean(), Type.Literal('true'), Type.Literal('false')]);
const Content = Type.Object({ contentType: Type.Literal('datasource'), id: Type.String() });
const ContentList = Type.Object({
  contentList: Type.Object({ content: Type.Union([Type.Array(Content, { minItems: 1 }), Content]) }),
});
const Change = Type.Object({
  label: Type.Object({
    value: Type.String(),
    message: Type.Optional(Type.String()),
    active: Type.Optional(flag),
    elevated: Type.Optional(flag),
  }),
});

export interface Labels {
  list: () => Label[];
  /** As a person, or Tableau's monitoring, does it: overwrites the label of the same category. */
  put: (contentLuid: string, value: string, message: string, by: User) => Label;
  remove: (luid: string) => boolean;
  clear: () => void;
  /** The REST API. `categories` is a list with commas; undefined: all. */
  read: (body: unknown, categories: string | undefined) => Json | TableauError;
  update: (body: unknown, user: User) => Json | TableauError;
  removeByContent: (body: unknown, categories: string | undefined) => TableauError | null;
  get: (luid: string) => Json | TableauError;
  updateOne: (luid: string, body: unknown, user: User) => Json | TableauError;
  removeOne: (luid: string) => TableauError | null;
  values: () => Json | TableauError;
}

const unlicensed = tableauError('403004', 'Forbidden', 'Data Management is not licensed on this site.');
const forbidden = tableauError('403004', 'Forbidden', 'Not permitted to label this content.');
const contentMissing = tableauError('404004', 'Resource Not Found', 'Data source could not be found.');
const labelMissing = tableauError('404003', 'Resource Not Found', 'Label could not be found.');
const withoutContent = badRequest('The request has no readable contentList.');
const withoutLabel = badRequest('The request has no readable label.');

export const createLabels = (state: TableauState, ports: Ports): Labels => {
  const labels = new Map<string, Label>();

  const refusal = (isWrite: boolean): TableauError | null => {
    const { labels: mode } = ports.settings();
    if (mode === 'off') return unknownResource;
    if (mode === 'unlicensed') return unlicensed;
    return isWrite && mode === 'read-only' ? forbidden : null;
  };
  const contentIn = (body: unknown): string[] | TableauError => {
    if (!Value.Check(ContentList, body)) return withoutContent;
    const luids = [body.contentList.content].flat().map(({ id }) => id);
    return luids.every((luid) => state.items.get(luid)?.kind === 'datasource') ? luids : contentMissing;
  };
  const of = (luids: readonly string[], categories: string | undefined): Label[] =>
    [...labels.values()].filter(
      ({ contentLuid, category }) =>
        luids.includes(contentLuid) && (categories === undefined || categories.split(',').includes(category)),
    );
  const show = (label: Label): Json => ({
    id: label.luid,
    contentId: label.contentLuid,
    contentType: 'datasource',
    value: label.value,
    category: label.category,
    message: label.message,
    active: String(label.active),
    elevated: String(label.elevated),
    createdAt: tableauTime(label.createdAt),
    updatedAt: tableauTime(label.updatedAt),
    userDisplayName: label.owner.fullName,
    owner: { id: label.owner.luid },
  });
  const shown = (some: Label[]): Json => ({
    labelList: listOf('labels', 'label', some.map(show), ports.settings().oddities)['labels'],
  });

  function put(contentLuid: string, value: string, message: string, owner: User): Label {
    const category = values[value] ?? 'custom';
    const [before] = of([contentLuid], category);
    const now = Date.now();
    const label: Label = {
      luid: before?.luid ?? randomUUID(),
      contentLuid,
      value,
      category,
      message,
      active: true,
      elevated: false,
      owner,
      createdAt: before?.createdAt ?? now,
      updatedAt: now,
    };
    labels.set(label.luid, label);
    ports.log(`Tableau: ${owner.fullName} labelled a data source: ${value}, "${message}"`);
    ports.changed();
    return label;
  }

  function remove(luid: string): boolean {
    const known = labels.delete(luid);
    if (known) ports.log('Tableau: a label was removed');
    ports.changed();
    return known;
  }

  return {
    list: () => [...labels.values()],
    put,
    remove,
    clear: () => labels.clear(),
    read: (body, categories) => {
      const refused = refusal(false);
      const luids = refused ?? contentIn(body);
      return Array.isArray(luids) ? shown(of(luids, categories)) : luids;
    },
    update: (body, user) => {
      const luids = refusal(true) ?? contentIn(body);
      if (!Array.isArray(luids)) return luids;
      if (!Value.Check(Change, body) || !Object.hasOwn(values, body.label.value)) return withoutLabel;
      const { value, message = '' } = body.label;
      return shown(luids.map((luid) => put(luid, value, message, user)));
    },
    removeByContent: (body, categories) => {
      const luids = refusal(true) ?? contentIn(body);
      if (!Array.isArray(luids)) return luids;
      for (const { luid } of of(luids, categories)) remove(luid);
      return null;
    },
    get: (luid) => {
      const label = labels.get(luid);
      return refusal(false) ?? (label ? { label: show(label) } : labelMissing);
    },
    updateOne: (luid, body, user) => {
      const refused = refusal(true);
      const label = labels.get(luid);
      if (refused || !label) return refused ?? labelMissing;
      if (!Value.Check(Change, body) || !Object.hasOwn(values, body.label.value)) return withoutLabel;
      const { value, message = label.message, active } = body.label;
      Object.assign(label, { value, message, owner: user, updatedAt: Date.now() });
      if (active !== undefined) label.active = String(active) === 'true';
      ports.changed();
      return { label: show(label) };
    },
    removeOne: (luid) => refusal(true) ?? (remove(luid) ? null : labelMissing),
    values: () =>
      refusal(false) ?? {
        labelValueList: { labelValue: Object.entries(values).map(([name, category]) => ({ name, category })) },
      },
  };
};
