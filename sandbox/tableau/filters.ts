/** `filter=jobType:eq:refresh_extracts,createdAt:gte:2025-01-06T08:00:00Z` and `sort=createdAt:desc`. */

type Fields = Record<string, unknown>;

const read = (value: unknown): number | string => {
  const text = typeof value === 'string' ? value : '';
  const time = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? text : time;
};

const compare = (left: unknown, right: unknown): number => {
  const [one, other] = [read(left), read(right)];
  if (one === other) return 0;
  return one < other ? -1 : 1;
};

const holds = (value: unknown, operator: string, wanted: string): boolean | null => {
  if (operator === 'in')
    return wanted
      .replaceAll(/^\[|\]$/g, '')
      .split(',')
      .some((one) => compare(value, one) === 0);
  if (operator === 'has') return typeof value === 'string' && value.toLowerCase().includes(wanted.toLowerCase());
  if (value === undefined) return false;
  const order = compare(value, wanted);
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    default:
      return null;
  }
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
    if (holds('', operator, value) === null) return `Invalid filter operator: ${operator}`;
    left = left.filter((row) => holds(see(row)[field], operator, value));
  }
  return left;
};

export const sorted = <Row>(expression: string | undefined, rows: Row[], see: (row: Row) => Fields): Row[] => {
  if (expression === undefined) return rows;
  const keys = expression.split(',').map((part) => part.split(':'));
  return rows.toSorted((one, other) => {
    for (const [field = '', direction = 'asc'] of keys) {
      const order = compare(see(one)[field], see(other)[field]);
      if (order !== 0) return direction === 'desc' ? -order : order;
    }
    return 0;
  });
};
