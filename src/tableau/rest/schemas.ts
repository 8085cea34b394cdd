/**
 * The parts of Tableau's answers that we read. Other fields are ignored. A field that is missing, null or a number instead of a text is no
 * error, because the JSON is a mapping of XML and differs by version. Nested parts are checked where they are read, so that an
 * invalid one does not lose the others. https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref.htm
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

export const Nullable = <T extends Type.TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
export const Scalar = Type.Union([Type.String(), Type.Number()]);
export const Anything = Type.Optional(Type.Unknown());

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
export const Named = Type.Object({ id: Nullable(Scalar), name: Nullable(Scalar), label: Nullable(Scalar) });
export const User = Type.Object({ name: Nullable(Scalar), fullName: Nullable(Scalar), email: Nullable(Scalar) });
export type User = Static<typeof User>;
export const Owner = Type.Object({ id: Nullable(Scalar), name: Nullable(Scalar), fullName: Nullable(Scalar) });

export const Project = Type.Object({ id: Scalar, name: Scalar, parentProjectId: Nullable(Scalar) });
export type Project = Static<typeof Project>;

export const JobRow = Type.Object({
  id: Scalar,
  jobType: Nullable(Scalar),
  title: Nullable(Scalar),
  createdAt: Nullable(Scalar),
  startedAt: Nullable(Scalar),
  endedAt: Nullable(Scalar),
});
export type JobRow = Static<typeof JobRow>;

const RefreshOf = Type.Object({ notes: Nullable(Scalar), workbook: Anything, datasource: Anything });
const RunOf = Type.Object({ notes: Nullable(Scalar) });
export const Job = Type.Object({
  id: Nullable(Scalar),
  status: Nullable(Scalar),
  finishCode: Nullable(Scalar),
  completedAt: Nullable(Scalar),
  extractRefreshJob: Type.Optional(Type.Union([RefreshOf, Type.Null()])),
  runFlowJobType: Type.Optional(Type.Union([RunOf, Type.Null()])),
  statusNotes: Anything,
});
export type Job = Static<typeof Job>;
export const StatusNote = Type.Object({ text: Nullable(Scalar), value: Nullable(Scalar) });

export const Task = Type.Object({
  extractRefresh: Type.Object({
    consecutiveFailedCount: Nullable(Scalar),
    schedule: Anything,
    workbook: Anything,
    datasource: Anything,
  }),
});
export type Task = Static<typeof Task>;
/** Only Tableau Server has a state: `Active` or `Suspended`, for all tasks of the schedule. */
export const Schedule = Type.Object({ nextRunAt: Nullable(Scalar), state: Nullable(Scalar) });

/** A published data source of the Metadata API, or a workbook with the data sources inside it. */
export const LineageNode = Type.Object({
  luid: Scalar,
  extractLastUpdateTime: Nullable(Scalar),
  downstreamWorkbooks: Anything,
  embeddedDatasources: Anything,
});
export type LineageNode = Static<typeof LineageNode>;
export const Luid = Type.Object({ luid: Scalar });
export const Downstream = Type.Object({ luid: Scalar, name: Nullable(Scalar) });
export const Extract = Type.Object({ extractLastUpdateTime: Nullable(Scalar) });

/** A label of a data source. */
export const Label = Type.Object({
  id: Scalar,
  contentId: Scalar,
  value: Nullable(Scalar),
  category: Nullable(Scalar),
  message: Nullable(Scalar),
  active: Anything,
  owner: Anything,
});
export type Label = Static<typeof Label>;
/** What labels can say; each value is of one category. */
export const LabelValue = Type.Object({ name: Type.String(), category: Nullable(Scalar) });
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
export const Pagination = Type.Object({ totalAvailable: Scalar });
/** GraphQL answers errors with 200, together with the data that it could read. */
export const GraphAnswer = Type.Object({
  data: Type.Optional(
    Type.Union([Type.Object({ publishedDatasourcesConnection: Anything, workbooksConnection: Anything }), Type.Null()]),
  ),
});

export const ErrorAnswer = Type.Object({
  error: Type.Object({ code: Scalar, summary: Nullable(Scalar), detail: Nullable(Scalar) }),
});

/** The value if it matches the schema, else undefined. */
export const as = <T extends TSchema>(schema: T, value: unknown): Static<T> | undefined =>
  Value.Check(schema, value) ? value : undefined;
