/** The part of the Metadata API that lineage and freshness need: https://help.tableau.com/current/api/metadata_api/en-us/index.html */
import type { FastifyPluginCallback } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { badCredentials, errorBody, isTableauError, unknownResource } from './errors.js';
import { parseQuery, QueryError, type Field } from './graphql-query.js';
import { createNodes } from './lineage.js';
import { isInScope } from './scopes.js';
import type { Sessions } from './sessions.js';
import type { Item, Kind, Ports, TableauState } from './world.js';

type Json = Record<string, unknown>;

const Request = Type.Object({
  query: Type.String(),
  variables: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
});

const Texts = Type.Union([Type.Array(Type.String()), Type.Null()]);
const TextOrNull = Type.Union([Type.String(), Type.Null()]);
const Order = Type.Object({
  field: Type.String(),
  direction: Type.Optional(Type.Enum(['ASC', 'DESC'])),
});
/** The arguments of a connection. */
const Args = Type.Object(
  {
    first: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
    after: Type.Optional(TextOrNull),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    filter: Type.Optional(
      Type.Object(
        {
          luid: Type.Optional(TextOrNull),
          luidWithin: Type.Optional(Texts),
          name: Type.Optional(TextOrNull),
          nameWithin: Type.Optional(Texts),
          projectName: Type.Optional(TextOrNull),
          projectNameWithin: Type.Optional(Texts),
        },
        { additionalProperties: false },
      ),
    ),
    orderBy: Type.Optional(Type.Union([Order, Type.Array(Order)])),
  },
  { additionalProperties: false },
);

const roots: Record<string, Kind> = {
  publishedDatasources: 'datasource',
  publishedDatasourcesConnection: 'datasource',
  workbooks: 'workbook',
  workbooksConnection: 'workbook',
};

const warning = (code: string, message: string): Json => ({ message, extensions: { severity: 'WARNING', code } });
const timeLimit = warning(
  'TIME_LIMIT_EXCEEDED',
  'Showing partial results. The request exceeded the time limit of PT5S.',
);
const nodeLimit = (nodes: number): Json =>
  warning(
    'NODE_LIMIT_EXCEEDED',
    `Showing partial results. The request exceeded the ${nodes} node limit. Use pagination, additional filtering, or both in the query to adjust results.`,
  );

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `PROJECT_NAME` is `projectName`. */
const keyOf = (field: string): string =>
  field.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

const cursorAt = (position: number): string => Buffer.from(`position:${position}`).toString('base64');
const positionAt = (cursor: string): number => {
  const [, position] = /^position:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString()) ?? [];
  if (position === undefined) throw new QueryError(`Invalid cursor: ${cursor}`);
  return Number(position);
};

/** What items are filtered and sorted by. */
const keysOf = ({ luid, name, project, hasExtracts }: Item): Record<string, string | boolean> => ({
  luid,
  name,
  projectName: project.name,
  hasExtracts,
});

/** All items that match, in order, or with `Connection` a page of them. */
const rootValue = (field: Field, items: Item[], nodeOf: (item: Item) => Json): unknown => {
  const { args } = field;
  if (!Value.Check(Args, args)) throw new QueryError(`Validation error of type WrongType: arguments of ${field.name}`);
  const { first, after, offset = 0, filter = {}, orderBy = [] } = args;
  let rows = items.map((item) => ({ item, keys: keysOf(item) }));
  for (const [name, wanted] of Object.entries(filter)) {
    if (wanted === null) continue;
    const accepted = new Set<unknown>([wanted].flat());
    rows = rows.filter(({ keys }) => accepted.has(keys[name.replace(/Within$/, '')]));
  }
  for (const { field: by, direction = 'ASC' } of [orderBy].flat().toReversed()) {
    const key = keyOf(by);
    if (rows[0] && !(key in rows[0].keys)) throw new QueryError(`Validation error of type WrongType: orderBy ${by}`);
    const sign = direction === 'ASC' ? 1 : -1;
    rows = rows.toSorted((one, other) => {
      const [left, right] = [String(one.keys[key]), String(other.keys[key])];
      return left === right ? 0 : sign * (left < right ? -1 : 1);
    });
  }
  const start = after === undefined || after === null ? offset : positionAt(after);
  const end = Math.min(rows.length, first === undefined || first === null ? rows.length : start + first);
  const nodes = rows.slice(start, end).map(({ item }) => nodeOf(item));
  if (!field.name.endsWith('Connection')) return nodes;
  const pageInfo = { hasNextPage: end < rows.length, endCursor: nodes.length === 0 ? null : cursorAt(end) };
  return { nodes, pageInfo, totalCount: rows.length };
};

/** Picks the fields that were asked for; at most `left` objects of lists. */
const select = (value: unknown, field: Field, budget: { left: number }): unknown => {
  if (value === null) return null;
  if (Array.isArray(value)) {
    const rows: unknown[] = [];
    for (const row of value) {
      budget.left -= 1;
      if (budget.left < 0) break;
      rows.push(select(row, field, budget));
    }
    return rows;
  }
  if (!isObject(value)) {
    if (field.fields) throw new QueryError(`Validation error of type SubSelectionNotAllowed: ${field.name}`);
    return value;
  }
  if (!field.fields) throw new QueryError(`Validation error of type SubSelectionRequired: ${field.name}`);
  return Object.fromEntries(
    field.fields.map((one) => {
      if (!(one.name in value)) throw new QueryError(`Validation error of type FieldUndefined: ${one.name}`);
      return [one.alias, select(value[one.name], one, budget)];
    }),
  );
};

export const metadataRoutes = (state: TableauState, ports: Ports, sessions: Sessions): FastifyPluginCallback => {
  const answer = (query: string, variables: Json): Json => {
    const { metadataApi, metadataLagMs, metadataNodeLimit } = ports.settings();
    const isPartial = metadataApi === 'partial';
    const budget = { left: metadataNodeLimit };
    const nodeOf = createNodes(state, metadataLagMs);
    const data = parseQuery(query, variables).map((field) => {
      const kind = roots[field.name];
      if (kind === undefined) throw new QueryError(`Validation error of type FieldUndefined: ${field.name}`);
      if (isPartial && kind === 'workbook') return [field.alias, null];
      const items = [...state.items.values()].filter((item) => item.kind === kind);
      return [field.alias, select(rootValue(field, items, nodeOf), field, budget)];
    });
    const errors = [...(isPartial ? [timeLimit] : []), ...(budget.left < 0 ? [nodeLimit(metadataNodeLimit)] : [])];
    return { data: Object.fromEntries(data), ...(errors.length > 0 ? { errors } : {}) };
  };

  return (app, _options, done) => {
    app.post('/graphql', (request, reply) => {
      const header = request.headers['x-tableau-auth'];
      const session = sessions.find(typeof header === 'string' ? header : undefined);
      if (isTableauError(session)) return reply.code(session.status).send(errorBody(session));
      if (!isInScope(session, 'POST', request.url)) return reply.code(401).send(errorBody(badCredentials));
      if (ports.settings().metadataApi === 'off') return reply.code(404).send(errorBody(unknownResource));
      if (!Value.Check(Request, request.body))
        return reply.send({ data: null, errors: [{ message: 'Invalid Syntax' }] });
      try {
        return reply.send(answer(request.body.query, request.body.variables ?? {}));
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        return reply.send({ data: null, errors: [{ message: error.message }] });
      }
    });
    done();
  };
};
