/** Reads a GraphQL query of plain fields with arguments: https://spec.graphql.org/October2021/#sec-Language */

export interface Field {
  name: string;
  /** The key of the answer. */
  alias: string;
  /** With the values of variables; those without a value are absent. */
  args: Record<string, unknown>;
  /** Null for a field that is a plain value. */
  fields: Field[] | null;
}

/** The query, or a field or argument in it, is not valid. The message is for the answer. */
export class QueryError extends Error {}

const token = /(?:[\s,]|#[^\n]*)*(?:("(?:[^"\\]|\\.)*"|\$\w+|-?\d+(?:\.\d+)?|\w+|[{}()[\]:!=])|$)/y;

const tokensIn = (text: string): string[] => {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    // Fragments and directives are not supported.
    if (!found) throw new QueryError('Invalid Syntax');
    if (found[1] !== undefined) tokens.push(found[1]);
  }
  return tokens;
};

const isName = (word: string | undefined): word is string => word !== undefined && /^[A-Za-z_]\w*$/.test(word);

const wordsOf: Record<string, unknown> = { true: true, false: false, null: null };

/** Gives the top fields of the only operation. Throws a QueryError. */
export const parseQuery = (text: string, given: Record<string, unknown>): Field[] => {
  const tokens = tokensIn(text);
  const variables = new Map(Object.entries(given));
  let at = 0;
  const take = (expected?: string): string => {
    const next = tokens[at];
    if (next === undefined || (expected !== undefined && next !== expected)) throw new QueryError('Invalid Syntax');
    at += 1;
    return next;
  };
  const takeIf = (wanted: string): boolean => {
    if (tokens[at] !== wanted) return false;
    at += 1;
    return true;
  };
  const name = (): string => {
    const word = take();
    if (!isName(word)) throw new QueryError('Invalid Syntax');
    return word;
  };

  /** Undefined for a variable without a value. */
  const value = (): unknown => {
    const next = take();
    if (next === '[') {
      const list: unknown[] = [];
      while (!takeIf(']')) list.push(value());
      return list;
    }
    if (next === '{') return entries('}');
    if (next.startsWith('$')) {
      if (!variables.has(next.slice(1))) throw new QueryError(`Validation error of type UndefinedVariable: ${next}`);
      return variables.get(next.slice(1));
    }
    if (next.startsWith('"')) return JSON.parse(next);
    if (isName(next)) return next in wordsOf ? wordsOf[next] : next;
    const number = Number(next);
    if (Number.isNaN(number)) throw new QueryError('Invalid Syntax');
    return number;
  };

  const entries = (end: string): Record<string, unknown> => {
    const found: [string, unknown][] = [];
    while (!takeIf(end)) {
      const key = name();
      take(':');
      found.push([key, value()]);
    }
    return Object.fromEntries(found.filter(([, one]) => one !== undefined));
  };

  const selection = (): Field[] => {
    const fields: Field[] = [];
    take('{');
    while (!takeIf('}')) {
      const alias = name();
      const field = takeIf(':') ? name() : alias;
      const args = takeIf('(') ? entries(')') : {};
      fields.push({ name: field, alias, args, fields: tokens[at] === '{' ? selection() : null });
    }
    if (fields.length === 0) throw new QueryError('Invalid Syntax');
    return fields;
  };

  /** `$first: Int = 100`: a variable that is declared, and not given, has its default or no value. */
  const declarations = (): void => {
    while (!takeIf(')')) {
      const variable = take().slice(1);
      take(':');
      while (/^(\w+|[[\]!])$/.test(tokens[at] ?? '')) at += 1;
      const otherwise = takeIf('=') ? value() : undefined;
      if (!variables.has(variable)) variables.set(variable, otherwise);
    }
  };

  if (takeIf('query')) {
    if (isName(tokens[at])) at += 1;
    if (takeIf('(')) declarations();
  }
  const fields = selection();
  if (at < tokens.length) throw new QueryError('Invalid Syntax');
  return fields;
};
