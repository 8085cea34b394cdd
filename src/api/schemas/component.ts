import { Type, type Static, type TSchema, type TSchemaOptions } from 'typebox';

/** A schema that the document at `/openapi.json` has by a name of its own. */
export type Component = TSchema & { $id: string };

/** Gives a schema its name in the document, and examples where it has none itself. */
export const component = <T extends TSchema>(name: string, schema: T, examples?: unknown[]): T & { $id: string } => ({
  ...schema,
  ...(examples && { examples }),
  $id: name,
});

/** What stands for a component inside another schema: `$ref` in the document, and its type in TypeScript. */
export const ref = <T extends Component>({ $id }: T) => Type.Unsafe<Static<T>>(Type.Ref($id));

export const nullable = <T extends TSchema>(schema: T, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);

/** One of these words. */
export const word = <const T extends readonly string[]>(words: T, options: TSchemaOptions = {}) =>
  Type.Unsafe<T[number]>(Type.Enum([...words], { type: 'string', ...options }));

/** A time as every answer writes it: ISO 8601 in UTC. */
export const time = (description: string, options: TSchemaOptions = {}) =>
  Type.String({ format: 'date-time', description, ...options });

/** A text without control characters that has more than spaces. */
export const line = (most: number, description: string, options: TSchemaOptions = {}) =>
  Type.String({ minLength: 1, maxLength: most, pattern: linePattern, description, ...options });
const linePattern =
  '^[^\\u0000-\\u001f\\u007f-\\u009f]*[^\\s\\u0000-\\u001f\\u007f-\\u009f][^\\u0000-\\u001f\\u007f-\\u009f]*$';

/** Seven digits. */
const phoneNumber = '[0-9]([\\s().+/-]*[0-9]){6,}';

/** Who makes a request. */
export const author = (description: string, example: string) =>
  line(64, `${description}: a contact key or a name without a phone number.`, {
    default: 'api',
    examples: [example],
    not: { pattern: phoneNumber },
  });

export const count = (description: string) => Type.Integer({ minimum: 0, description });
