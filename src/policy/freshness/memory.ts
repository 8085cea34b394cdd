/** What a look remembers, as one text: compressed, since 20,000 items have to fit in the state of a workflow (docs/decisions, 36). */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { lateStates, type FreshnessRow } from '../../workflows/freshness-contract.js';
import type { Escalation } from '../route.js';
import { Episode } from './episodes.js';
import { newMemory, type Memory, type Remembered } from './remembered.js';

const Time = Type.Optional(Type.Number());
const Row = Type.Object({
  item: Type.Object({
    kind: Type.Union([Type.Literal('workbook'), Type.Literal('datasource')]),
    luid: Type.String(),
    name: Type.String(),
    site: Type.String(),
  }),
  project: Type.Optional(Type.String()),
  promise: Type.String(),
  shadow: Type.Optional(Type.Literal(true)),
  lastDataAt: Time,
  deadline: Time,
  nextDeadline: Time,
  expectedAt: Time,
  state: Type.Enum([...lateStates, 'on-time']),
  why: Type.Optional(Type.String()),
  root: Type.Optional(Type.String()),
  seenAt: Type.Number(),
  history: Type.Optional(Type.String()),
  lateBy: Type.Optional(Type.String()),
  rootLuid: Type.Optional(Type.String()),
  isWaiting: Type.Optional(Type.Literal(true)),
  wasLate: Type.Optional(Type.Literal(true)),
  goneAt: Time,
});
const Packed = Type.Object({
  version: Type.Literal(1),
  promises: Type.Record(Type.String(), Type.Number()),
  items: Type.Record(Type.String(), Row),
  episodes: Type.Optional(Type.Array(Episode)),
});

export const packMemory = (memory: Memory): string => gzipSync(JSON.stringify(memory)).toString('base64');

/** What another version wrote, or nothing that can be read, is forgotten: then deadlines count from now on. */
export function unpackMemory(text: string | null): Memory {
  const value = text === null ? undefined : unpacked(text);
  return Value.Check(Packed, value) ? value : newMemory();
}

function unpacked(text: string): unknown {
  try {
    return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
  } catch {
    return undefined;
  }
}

export const episodesIn = (text: string | null): readonly Episode[] => unpackMemory(text).episodes ?? [];

const rowOf = ({
  seenAt: _seenAt,
  rootLuid: _rootLuid,
  isWaiting: _isWaiting,
  wasLate: _wasLate,
  goneAt: _goneAt,
  history: _history,
  lateBy: _lateBy,
  ...row
}: Remembered): FreshnessRow => row;

/** Of what Tableau does not list any more nobody knows whether it is late. */
export const isLateRow = ({ state }: Pick<FreshnessRow, 'state'>): boolean =>
  state !== 'on-time' && state !== 'deleted';

/** The rows of the report: late ones first, then those whose deadline comes next, and last what was deleted. */
export function rowsIn(text: string | null): FreshnessRow[] {
  const rows = Object.values(unpackMemory(text).items).map(rowOf);
  const rank = (row: FreshnessRow): number =>
    isLateRow(row) ? Number(row.shadow ?? false) : row.state === 'on-time' ? 2 : 3;
  return rows.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.nextDeadline ?? Infinity) - (other.nextDeadline ?? Infinity) ||
      one.item.name.localeCompare(other.item.name),
  );
}

/**
 * Another text when what is watched changes: promises, the holidays of one, flows, or whether there are labels to sweep; empty where nothing is. It
 * depends on no path of this machine.
 */
export function watchedText({
  freshness = [],
  flows,
  labels,
}: Pick<Escalation, 'freshness' | 'flows' | 'labels'>): string {
  if (freshness.length === 0 && flows === undefined && labels === undefined) return '';
  const parts = freshness.map(({ id, due }) => [id, due.kind === 'age' ? undefined : due.holidays?.dates]);
  return createHash('sha256')
    .update(JSON.stringify([parts, flows, labels !== undefined]))
    .digest('hex')
    .slice(0, 16);
}
