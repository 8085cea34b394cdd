/** Filters and pages of the list resources: newest first, `DateSent=`, `DateSent<=`, `DateSent>=`, `PageSize`, `Page`. */

type Query = Record<string, string>;

const dayMs = 24 * 60 * 60 * 1000;

/** A date means the whole day, a time that moment. */
const span = (value: string): [number, number] => {
  const from = Date.parse(value);
  return [from, /^\d{4}-\d{2}-\d{2}$/.test(value) ? from + dayMs - 1 : from];
};

/** Twilio's inequalities are in the names: `DateSent<` and `DateSent>` take `=` from the query string and so include it. */
export const byDate = (query: Query, name: string): ((at: number | null) => boolean) => {
  const equal = query[name];
  const before = query[`${name}<`];
  const after = query[`${name}>`];
  return (at) => {
    if (equal === undefined && before === undefined && after === undefined) return true;
    if (at === null) return false;
    // Listed times have whole seconds.
    const second = Math.floor(at / 1000) * 1000;
    if (equal !== undefined) {
      const [from, to] = span(equal);
      if (second < from || second > to) return false;
    }
    if (before !== undefined && second > span(before)[1]) return false;
    return after === undefined || second >= span(after)[0];
  };
};

const pageNumber = (value: string | undefined, otherwise: number): number => {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 ? number : otherwise;
};

export const pageOf = (
  path: string,
  query: Query,
  key: string,
  rows: Record<string, unknown>[],
): Record<string, unknown> => {
  const size = Math.min(1000, Math.max(1, pageNumber(query['PageSize'], 50)));
  const page = pageNumber(query['Page'], 0);
  const start = page * size;
  const shown = rows.slice(start, start + size);
  const filters = Object.entries(query).filter(([name]) => !['PageSize', 'Page', 'PageToken'].includes(name));
  const uri = (number: number): string =>
    `${path}?${new URLSearchParams([...filters, ['PageSize', String(size)], ['Page', String(number)]]).toString()}`;
  return {
    end: start + Math.max(0, shown.length - 1),
    first_page_uri: uri(0),
    next_page_uri: start + size < rows.length ? `${uri(page + 1)}&PageToken=PA${page + 1}` : null,
    page,
    page_size: size,
    previous_page_uri: page > 0 ? uri(page - 1) : null,
    start,
    uri: uri(page),
    [key]: shown,
  };
};
