/** The query of `GET /incidents`: filters, how many, and from where on. */
import { Type, type Static } from 'typebox';
import { filterNames, FilterTexts, type FilterTexts as Given } from './filters.js';
import { problem } from '../problem.js';

export const IncidentsQuery = Type.Object({
  ...FilterTexts.properties,
  limit: Type.Optional(Type.String()),
  cursor: Type.Optional(Type.String({ maxLength: 8192 })),
});
export type IncidentsQuery = Static<typeof IncidentsQuery>;

/** @throws a 400 */
export function limitOf(text = '100'): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= 1000) return limit;
  throw problem(400, 'BAD_LIMIT', 'limit must be a whole number from 1 to 1000.');
}

export const badCursorProblem = (): Error =>
  problem(400, 'BAD_CURSOR', 'cursor must be the `next` of an earlier answer with the same filters.');

/** The filters that a form sends: empty fields are none. */
export function filledIn(query: IncidentsQuery): Given {
  const filled = filterNames.flatMap((name): [string, string][] => {
    const value = query[name];
    return value === undefined || value.trim() === '' ? [] : [[name, value]];
  });
  return Object.fromEntries(filled);
}
