/**
 * The parts of Tableau's answers that we read. Other fields are ignored. A field that is missing, null or a number instead of a text is no
 * error, because the JSON is a mapping of XML and differs by version. Nested parts are checked where they are read, so that an
 * invalid one does not lose the others. https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

const Nullable = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = Type.Union([Type.String(), Type.Number()]);
const Anything = Type.Optional(Type.Unknown());

export const SignIn = Type.Object({
  credentials: Type.Object({
    token: Type.String({ minLength: 1 }),
    site: Type.Object({ id: Type.String({ minLength: 1 }) }),
    user: Anything,
  }),
});

/** A workbook or data source. */
export const Content = Type.Object({
  name: Anything,
  webpageUrl: Anything,
  project: Anything,
  owner: Anything,
  tags: Anything,
});
export type Content = Static<typeof Content>;

/** A project, a tag, a workbook of a job, …: what has an id, a name or a label, or nothing at all. */
export const Named = Type.Object({ id: Nullable(Text), name: Nullable(Text), label: Nullable(Text) });
export const User = Type.Object({ name: Nullable(Text), fullName: Nullable(Text), email: Nullable(Text) });
export type User = Static<typeof User>;
export const Owner = Type.Object({ id: Nullable(Text), name: Nullable(Text), fullName: Nullable(Text) });

export const Project = Type.Object({ id: Text, name: Text, parentProjectId: Nullable(Text) });
export type Project = Static<typeof Project>;

export const JobRow = Type.Object({
  id: Text,
  jobType: Nullable(Text),
  title: Nullable(Text),
  createdAt: Nullable(Text),
  endedAt: Nullable(Text),
});
export type JobRow = Static<typeof JobRow>;

const RefreshOf = Type.Object({ notes: Nullable(Text), workbook: Anything, datasource: Anything });
const RunOf = Type.Object({ notes: Nullable(Text) });
export const Job = Type.Object({
  id: Nullable(Text),
  status: Nullable(Text),
  finishCode: Nullable(Text),
  completedAt: Nullable(Text),
  extractRefreshJob: Type.Optional(Type.Union([RefreshOf, Type.Null()])),
  runFlowJobType: Type.Optional(Type.Union([RunOf, Type.Null()])),
  statusNotes: Anything,
});
export type Job = Static<typeof Job>;
export const StatusNote = Type.Object({ text: Nullable(Text), value: Nullable(Text) });

export const Task = Type.Object({
  extractRefresh: Type.Object({
    consecutiveFailedCount: Nullable(Text),
    schedule: Anything,
    workbook: Anything,
    datasource: Anything,
  }),
});
export type Task = Static<typeof Task>;
/** Only Tableau Server has a state: `Active` or `Suspended`, for all tasks of the schedule. */
export const Schedule = Type.Object({ nextRunAt: Nullable(Text), state: Nullable(Text) });

/** A published data source of the Metadata API, or a workbook with the data sources inside it. */
export const LineageNode = Type.Object({
  luid: Text,
  extractLastUpdateTime: Nullable(Text),
  downstreamWorkbooks: Anything,
  embeddedDatasources: Anything,
});
export type LineageNode = Static<typeof LineageNode>;
export const Luid = Type.Object({ luid: Text });
export const Extract = Type.Object({ extractLastUpdateTime: Nullable(Text) });

/** A label of a data source. */
export const Label = Type.Object({
  id: Text,
  contentId: Text,
  value: Nullable(Text),
  category: Nullable(Text),
  message: Nullable(Text),
  active: Anything,
  owner: Anything,
});
export type Label = Static<typeof Label>;
/** What labels can say; each value is of one category. */
export const LabelValue = Type.Object({ name: Type.String(), category: Nullable(Text) });
export const LabelsAnswer = Type.Object({ labelList: Anything });
export const LabelValuesAnswer = Type.Object({ labelValueList: Anything });

export const WorkbookAnswer = Type.Object({ workbook: Content });
export const DatasourceAnswer = Type.Object({ datasource: Content });
export const DatasourcesAnswer = Type.Object({ datasources: Type.Unknown(), pagination: Anything });
export const UserAnswer = Type.Object({ user: User });
export const JobAnswer = Type.Object({ job: Job });
export const JobsAnswer = Type.Object({ backgroundJobs: Type.Unknown() });
export const ProjectsAnswer = Type.Object({ projects: Type.Unknown(), pagination: Anything });
export const TasksAnswer = Type.Object({ tasks: Type.Unknown() });
export const Pagination = Type.Object({ totalAvailable: Text });
/** GraphQL answers errors with 200, together with the data that it could read. */
export const GraphAnswer = Type.Object({
  data: Type.Optional(
    Type.Union([Type.Object({ publishedDatasourcesConnection: Anything, workbooksConnection: Anything }), Type.Null()]),
  ),
});

export const ErrorAnswer = Type.Object({
  error: Type.Object({ code: Text, summary: Nullable(Text), detail: Nullable(Text) }),
});

/** The value if it matches the schema, else undefined. */
export const as = <T extends TSchema>(schema: T, value: unknown): Static<T> | undefined =>
  Value.Check(schema, value) ? value : undefined;
