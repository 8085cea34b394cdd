/**
 * Requests for the labels of data sources (data quality warnings, certifications, …). An asset has one label of each category, and whoever writes
 * another of the same category overwrites it.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_data_labels.htm
 */
import { Type } from 'typebox';
import { hour } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import { isRefused, refusal, TableauError, type TableauProblem } from './errors.js';
import { elements, shown } from './reading.js';
import { as, Label as LabelRow, LabelsAnswer, LabelValue, LabelValuesAnswer, Named } from './schemas.js';
import { sharedRequestSignal } from './timeouts.js';
import { bodyOf, type TableauConfig, type Transport } from './transport.js';

/** A label as it stands in Tableau. */
export interface Label {
  id: string;
  /** The luid of the data source. */
  datasource: string;
  /** "Stale data", "Extract refresh failed", … */
  value: string;
  /** `warning`, `certification`, … */
  category: string;
  message: string;
  isActive: boolean;
  /** The luid of the user who set it, or changed it last; undefined where Tableau does not tell. */
  owner: string | undefined;
}

/** Every method throws as those of `TableauClient`. */
export interface LabelRequests {
  /** The luid of the user that our labels belong to; undefined where Tableau does not tell. */
  ourUser(signal: AbortSignal): Promise<string | undefined>;
  /** All labels of these data sources, 100 at most. */
  of(datasources: readonly string[], signal: AbortSignal): Promise<Label[]>;
  /** Sets a warning. It overwrites the warning of somebody else, so that there must be none. */
  create(datasource: string, message: string, signal: AbortSignal): Promise<void>;
  /** Changes the message of one label; null: there is no such label any more. */
  change(label: Label, message: string, signal: AbortSignal): Promise<'changed' | null>;
  /** Removes one label. One that is gone already is no error. */
  remove(label: Label, signal: AbortSignal): Promise<void>;
}

export const warning = 'warning';
/** In all versions; the name can be another one where an administrator has changed it. */
const usualValue = 'Stale data';

export const labelScopes = [
  'tableau:labels:read',
  'tableau:labels:create',
  'tableau:labels:update',
  'tableau:labels:delete',
];

/**
 * A connected app asks for the scopes of labels in a session of its own: a version that does not know them then refuses labels, and nothing
 * else. Other sign-ins share their session, since a personal access token has only one.
 */
export function createLabelTransport(
  { signIn, ...config }: TableauConfig,
  shared: Transport,
  create: (config: TableauConfig) => Transport,
): Transport {
  if (signIn.kind !== 'jwt' || signIn.scopes) return shared;
  return create({ ...config, signIn: { ...signIn, scopes: labelScopes } });
}

const contentList = (datasources: readonly string[]) => ({
  contentList: { content: datasources.map((id) => ({ contentType: 'datasource', id })) },
});
const at = ({ id }: Label): string => `labels/${encodeURIComponent(id)}`;

export function createLabelRequests({ read, send, ourUser }: Transport): LabelRequests {
  const values = createCache<string>({ ttlMs: hour });

  /** Administrators alone may list the values, since 2023.3. */
  async function staleValue(): Promise<string> {
    try {
      const body = await read('labels', { path: 'labelValues' }, LabelValuesAnswer, sharedRequestSignal());
      const found = elements(body.labelValueList, 'labelValue', LabelValue).find(
        ({ name, category }) => category === warning && /stale/i.test(name.slice(0, 100)),
      );
      return found?.name ?? usualValue;
    } catch (error) {
      if (isRefused(error)) return usualValue;
      throw error;
    }
  }
  const labelOf = async (message: string, isActive: boolean) => {
    const value = await values.get('stale', staleValue);
    return { label: { value, message, active: isActive, elevated: false } };
  };

  return {
    ourUser,
    async of(datasources, signal) {
      const request = { method: 'post', path: 'labels', data: contentList(datasources) } as const;
      const body = await read('labels', request, LabelsAnswer, signal);
      const rows = elements(body.labelList, 'label', LabelRow);
      // One that cannot be read must not pass for none: it would be overwritten.
      if (rows.length < countIn(body.labelList)) throw new TableauError(unreadable);
      return rows.map(labelFrom);
    },
    async create(datasource, message, signal) {
      const data = { ...contentList([datasource]), ...(await labelOf(message, true)) };
      bodyOf(await send('labels', { method: 'put', path: 'labels', data }, signal), LabelsAnswer, 'labels');
    },
    async change(label, message, signal) {
      const data = await labelOf(message, label.isActive);
      const answer = await send('labels', { method: 'put', path: at(label), data }, signal);
      if (answer.status >= 200 && answer.status < 300) return 'changed';
      if (answer.status === 404) return null;
      throw new TableauError(refusal(answer, 'labels'));
    },
    async remove(label, signal) {
      const answer = await send('labels', { method: 'delete', path: at(label) }, signal);
      if ((answer.status < 200 || answer.status > 299) && answer.status !== 404)
        throw new TableauError(refusal(answer, 'labels'));
    },
  };
}

/** How many labels a list has, whether they can be read or not. */
const countIn = (list: unknown): number =>
  elements(list, 'label', Type.Unknown()).filter((row) => row !== undefined && row !== null).length;

const unreadable: TableauProblem = {
  type: 'tableau-refused',
  retryable: false,
  message: 'Tableau shows labels in a form that cannot be read.',
};

const labelFrom = (row: LabelRow): Label => ({
  id: String(row.id),
  datasource: String(row.contentId),
  value: shown(row.value) ?? '',
  category: shown(row.category)?.toLowerCase() ?? '',
  message: shown(row.message) ?? '',
  isActive: row.active !== false && row.active !== 'false',
  owner: shown(as(Named, row.owner)?.id),
});
