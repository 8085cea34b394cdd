/**
 * What we read of Tableau's answers. Extras are ignored; what is missing, null or a number where a text belongs is no error, for
 * the JSON is a mapping of XML and differs by version. https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
import { Type, type Static } from 'typebox';

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = Type.Union([Type.String(), Type.Number()]);

export const SignIn = Type.Object({
  credentials: Type.Object({
    token: Type.String({ minLength: 1 }),
    site: Type.Object({ id: Type.String({ minLength: 1 }) }),
  }),
});

/** A workbook or data source. */
export const Content = Type.Object({
  name: Nullable(Text),
  webpageUrl: Nullable(Type.String()),
  project: Nullable(Type.Object({ name: Nullable(Text) })),
  owner: Nullable(Type.Object({ id: Nullable(Text), name: Nullable(Text), fullName: Nullable(Text) })),
});
export type Content = Static<typeof Content>;

export const User = Type.Object({ name: Nullable(Text), fullName: Nullable(Text) });
export type User = Static<typeof User>;

export const WorkbookAnswer = Type.Object({ workbook: Content });
export const DatasourceAnswer = Type.Object({ datasource: Content });
export const UserAnswer = Type.Object({ user: User });

export const ErrorAnswer = Type.Object({ error: Type.Object({ code: Text, summary: Nullable(Text) }) });
