/** `filter=jobType:eq:refresh_extracts,createdAt:gte:2025-01-06T08:00:00Z` and `sort=createdAt:desc`. */

type Fields = Record<string, unknown>;

const read = (value: unknown): number | string => {
  const text = typeof value === 'string' ? value : '';
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? text : time;
};

const order = (one: number | string, other: number | string): number => {
  if (one === other) return 0;
  return one < other ? -1 : 1;
};

type Holds = (value: unknown) => boolean;

const orders: Record<string, (order: number) => boolean> = {
  eq: (sign) => sign === 0,
  gt: (sign) => sign > 0,
  gte: (sign) => sign >= 0,
  lt: (sign) => sign < 0,
  lte: (sign) => sign <= 0,
};

/** What `operator` with `wanted` asks of a value; null: there is no such operator. */
const condition = (operator: string, wanted: string): Holds | null => {
  if (operator === 'in') {
    const values = new Set(
      wanted
        .replaceAll(/^\[|\]$/g, '')
        .split(',')
        .map(read),
    );
    return (value) => values.has(read(value));
  }
  if (operator === 'has')
    return (value) => typeof value === 'string' && value.toLowerCase().includes(wanted.toLowerCase());
  const isInOrder = orders[operator];
  const limit = read(wanted);
  return isInOrder ? (value) => value !== undefined && isInOrder(order(read(value), limit)) : null;
};

/** Gives the matching rows, or the reason why the filter is invalid. */
export const filtered = <Row>(
  expression: string | undefined,
  fields: readonly string[],
  rows: Row[],
  see: (row: Row) => Fields,
): Row[] | string => {
  let left = rows;
  // Commas inside [a,b] belong to the value.
  for (const part of expression?.split(/,(?![^[]*\])/) ?? []) {
    const [, field = '', operator = '', value = ''] = /^(\w+):(\w+):(.*)$/.exec(part) ?? [];
    if (!fields.includes(field)) return `Invalid filter expression: ${part}`;
    const holds = condition(operator, value);
    if (!holds) return `Invalid filter operator: ${operator}`;
    left = left.filter((row) => holds(see(row)[field]));
  }
  return left;
};

export const sorted = <Row>(expression: string | undefined, rows: Row[], see: (row: Row) => Fields): Row[] => {
  if (expression === undefined) return rows;
  const by = expression.split(',').map((part) => part.split(':'));
  const keyed = rows.map((row) => ({ row, keys: by.map(([field = '']) => read(see(row)[field])) }));
  const signs = by.map(([, direction]) => (direction === 'desc' ? -1 : 1));
  return keyed
    .toSorted((one, other) => {
      for (const [n, sign] of signs.entries()) {
        const difference = order(one.keys[n] ?? '', other.keys[n] ?? '');
        if (difference !== 0) return sign * difference;
      }
      return 0;
    })
    .map(({ row }) => row);
};
