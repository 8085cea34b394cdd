/** One page of the list of incidents, out of a snapshot. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { IncidentRow } from '../../workflows/view-contract.js';
import { hashOf } from '../content-hash.js';
import { badCursor, type Cursors } from './cursors.js';
import { isWanted, type Filters } from './filters.js';
import { comparePlaces, placeOf, type Place, type Snapshot } from './snapshot.js';

export interface ListedPage {
  rows: IncidentRow[];
  /** How many the filters let through. */
  found: { open: number; withoutAnybody: number; over: number };
  /** The cursor of the next page; null at the end. */
  next: string | null;
}

interface Request {
  filters: Filters;
  /** The filters as one text: a cursor is bound to them. */
  scope: string;
  limit: number;
  cursor: string | null;
}

const PlaceJson = Type.Tuple([Type.Number(), Type.String(), Type.String()]);

/** @throws `badCursor` */
export function pageOf(snapshot: Snapshot, cursors: Cursors, { filters, scope, limit, cursor }: Request): ListedPage {
  const after = cursor === null ? null : readPlace(cursors.read(cursor, pageScope(scope)));
  const wanted = snapshot.incidents.filter((incident) => isWanted(incident, filters)).map(({ row }) => row);
  const rest = after === null ? wanted : wanted.filter((row) => comparePlaces(placeOf(row), after) > 0);
  const rows = rest.slice(0, limit);
  const last = rows.at(-1);
  const next = last !== undefined && rest.length > limit ? writePlace(placeOf(last)) : null;
  const counts = [0, 1, 2].map((rank) => wanted.filter((row) => placeOf(row)[0] === rank).length);
  const [withoutAnybody = 0, taken = 0, over = 0] = counts;
  return {
    rows,
    found: { open: withoutAnybody + taken, withoutAnybody, over },
    next: next && cursors.write(next, pageScope(scope)),
  };
}

/** Scripts go on at a token of Temporal, pages at a place. */
const pageScope = (scope: string): string => `page ${scope}`;

const writePlace = (place: Place): Buffer => Buffer.from(JSON.stringify(place));

function readPlace(bytes: Buffer): Place {
  const place: unknown = JSON.parse(bytes.toString());
  if (Value.Check(PlaceJson, place)) return place;
  throw new Error(badCursor);
}

/** Another text when the page would show something else. */
export const versionOf = ({ rows, found }: ListedPage): string => hashOf([rows, found]);
