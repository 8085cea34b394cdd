/** The parts of an OpenAPI document that its page shows. */
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';

/** A JSON schema, as far as the documents of this service use it. */
export interface Shape {
  $ref?: string;
  type?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  items?: Shape;
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: Shape | boolean;
  description?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  default?: unknown;
  examples?: unknown[];
}

const text = Type.String();
const maybeText = Type.Optional(text);
const ShapeSchema = Type.Unsafe<Shape>(Type.Object({}));
const Media = Type.Object({
  schema: ShapeSchema,
  example: Type.Optional(Type.Unknown()),
  examples: Type.Optional(Type.Record(text, Type.Object({ value: Type.Unknown() }))),
});
const Content = Type.Record(text, Media);

const Parameter = Type.Object({
  name: text,
  in: text,
  required: Type.Optional(Type.Boolean()),
  description: maybeText,
  schema: ShapeSchema,
  example: Type.Optional(Type.Unknown()),
});

const OperationShape = Type.Object({
  operationId: text,
  summary: text,
  description: text,
  tags: Type.Array(text),
  deprecated: Type.Optional(Type.Boolean()),
  security: Type.Array(Type.Record(text, Type.Array(text))),
  parameters: Type.Optional(Type.Array(Parameter)),
  requestBody: Type.Optional(Type.Object({ required: Type.Optional(Type.Boolean()), content: Content })),
  responses: Type.Record(text, Type.Object({ description: text, content: Type.Optional(Content) })),
});

const DocumentSchema = Type.Object({
  openapi: text,
  info: Type.Object({ title: text, version: text, description: text }),
  servers: Type.Array(Type.Object({ url: text })),
  tags: Type.Array(Type.Object({ name: text, description: text })),
  paths: Type.Record(text, Type.Record(text, OperationShape)),
  components: Type.Object({ schemas: Type.Record(text, ShapeSchema) }),
});

export type DocumentShape = Static<typeof DocumentSchema>;
export type OperationShape = Static<typeof OperationShape>;
export type ContentShape = Static<typeof Content>;

/** @throws where an operation lacks what every operation has, such as a summary */
export const readDocument = (document: unknown): DocumentShape => Value.Parse(DocumentSchema, document);
