/**
 * The one place that understands Tableau's errors. Nothing of a request goes into a message: axios's errors carry the
 * credentials, and Tableau's `detail` names people.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm
 */
import { Value } from 'typebox/value';
import { second } from '../../workflows/contract.js';
import { ErrorAnswer } from './schemas.js';

export interface TableauProblem {
  type: 'tableau-unavailable' | 'tableau-refused';
  retryable: boolean;
  /** One sentence or two, with Tableau's own code. */
  message: string;
  /** Tableau's code, where it refused. */
  code?: string;
}

/** What the client throws. `atSignIn`: Tableau refused our sign-in, whatever was requested. */
export class TableauError extends Error {
  override readonly name = 'TableauError';
  readonly type: TableauProblem['type'];
  readonly retryable: boolean;
  readonly code: string | undefined;
  readonly atSignIn: boolean;
  constructor({ type, retryable, message, code }: TableauProblem, { atSignIn = false } = {}) {
    super(message);
    this.code = code;
    this.type = type;
    this.retryable = retryable;
    this.atSignIn = atSignIn;
  }
}

export interface TableauAnswer {
  status: number;
  /** Parsed JSON; undefined for anything else. */
  body: unknown;
}

/** What a request is about. */
export type RequestedResource =
  | 'sign-in'
  | 'workbook'
  | 'datasource'
  | 'user'
  | 'projects'
  | 'jobs'
  | 'job'
  | 'tasks'
  | 'lineage'
  | 'refresh'
  | 'labels'
  | 'webhooks'
  | 'workbooks'
  | 'datasources'
  | 'users'
  | 'flows'
  | 'flow-runs';

const names: Record<RequestedResource, string> = {
  'sign-in': 'site',
  workbook: 'workbook',
  datasource: 'data source',
  user: 'user',
  projects: 'projects',
  jobs: 'jobs',
  job: 'job',
  tasks: 'refresh schedules',
  lineage: 'lineage',
  refresh: 'refresh',
  labels: 'labels',
  webhooks: 'webhooks',
  workbooks: 'workbooks',
  datasources: 'data sources',
  users: 'users',
  flows: 'flows',
  'flow-runs': 'flow runs',
};

const single = new Set<RequestedResource>(['workbook', 'datasource', 'user', 'job']);

/** The error code of an answer, such as `401002`. */
export function codeOf({ body }: TableauAnswer): string | undefined {
  return Value.Check(ErrorAnswer, body) ? String(body.error.code) : undefined;
}

/** The problem of an answer that is an error or cannot be read. `variables` are those that a sign-in depends on. */
export function refusal(answer: TableauAnswer, resource: RequestedResource, variables = ''): TableauProblem {
  const { status } = answer;
  const code = codeOf(answer);
  if (status === 429 || code?.startsWith('429'))
    return unavailable(`Tableau answered ${code ?? status}: too many requests.`);
  if (status >= 500) return unavailable(`Tableau answered ${code ?? `HTTP ${status}`}.`);
  // A page in place of JSON: Tableau is being updated, or a proxy before it answers.
  if (isPage(answer))
    return unavailable(`Tableau answered HTTP ${status} without JSON. Check TABLEAU_DOMAIN if this lasts.`);
  if (code === undefined) return refused(unreadable(answer, resource));
  return { ...refused(`Tableau answered ${code}: ${meaning(code, resource, variables) ?? summaryOf(answer)}.`), code };
}

/** The problem of a request without an answer: `error` is axios's, of which only the code is read. */
export function unanswered(error: unknown, timeoutMs: number): TableauProblem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return unavailable(`Tableau did not answer within ${timeoutMs / second} s.`);
  return unavailable(`Tableau cannot be reached${typeof code === 'string' ? ` (${code})` : ''}.`);
}

const isPage = ({ status, body }: TableauAnswer): boolean => status >= 200 && status < 300 && body === undefined;

const unavailable = (message: string): TableauProblem => ({ type: 'tableau-unavailable', retryable: true, message });
/** Another sign-in by the same token ends our session, however often we sign in. */
export const sharedToken = unavailable(
  'Tableau ended our session repeatedly (401002): give each worker a personal access token of its own.',
);

const refused = (message: string): TableauProblem => ({ type: 'tableau-refused', retryable: false, message });

/**
 * Why Tableau does not run a refresh, as a sentence for the contact who requested it; `queued` when one is queued already, which is as
 * good; undefined when Tableau runs it. Throws when the answer leaves open whether Tableau runs it.
 */
export function refusedRerun(answer: TableauAnswer): string | undefined {
  const { status } = answer;
  const code = codeOf(answer);
  if (code === '409093') return 'queued';
  if (status === 429 || code?.startsWith('429'))
    return `Tableau takes no more refreshes now; it can be tried again ${retryTime(answer)}.`;
  if (status >= 500) throw new TableauError(refusal(answer, 'refresh'));
  if (code === '409090') return 'It has no extract that Tableau could refresh.';
  if (code?.startsWith('401') || code?.startsWith('403'))
    return `We may not refresh it in Tableau (${code}): the user that we sign in as needs permission, a connected app the scope tableau:tasks:run.`;
  if (code?.startsWith('404')) return `Tableau does not know it any more (${code}).`;
  if (isPage(answer)) throw new TableauError(refusal(answer, 'refresh'));
  if (status >= 200 && status < 300) return undefined;
  return refusal(answer, 'refresh').message;
}

/** The text alone has the time: "Please retry after 29 minutes." */
function retryTime({ body }: TableauAnswer): string {
  const detail = Value.Check(ErrorAnswer, body) ? String(body.error.detail ?? '').slice(0, 500) : '';
  const [, number, unit] = /retry after (\d{1,4}) (second|minute|hour)s?/i.exec(detail) ?? [];
  return number && unit ? `in ${number} ${unit.toLowerCase()}${number === '1' ? '' : 's'}` : 'later';
}

/** Whether Tableau would refuse the same request again, and no other. */
export const isRefused = (error: unknown): error is TableauError =>
  error instanceof TableauError && !error.retryable && !error.atSignIn;

/** For `catch`: what Tableau refuses is not known. */
export function undefinedIfRefused(error: unknown): undefined {
  if (!isRefused(error)) throw error;
  return undefined;
}

/** Whether Tableau refused our sign-in. That may pass, as during an update; until then it is so for every request. */
export const isSignInRefused = (error: unknown): error is TableauError =>
  error instanceof TableauError && !error.retryable && error.atSignIn;

function meaning(code: string, resource: RequestedResource, variables: string): string | undefined {
  const name = names[resource];
  if (resource === 'sign-in' && code.startsWith('401')) return `we may not sign in. Check ${variables}`;
  if (resource === 'sign-in' && code.startsWith('404'))
    return 'no such address. Check TABLEAU_DOMAIN and TABLEAU_RESTAPI_VERSION';
  // Its summary is not repeated: the request held our credentials.
  if (resource === 'sign-in') return `it does not accept our sign-in. Check ${variables}`;
  if (resource === 'labels' && /^40[134]/.test(code))
    return 'it has no labels here, or not for us. They need Data Management, and the right to set them for the user that we sign in as';
  if (code.startsWith('401') || code.startsWith('403'))
    return `we may not see ${single.has(resource) ? 'this' : 'the'} ${name}. Give the user that we sign in as permission`;
  if (code.startsWith('404')) return single.has(resource) ? `no such ${name}` : `it does not know the ${name}`;
  return undefined;
}

function summaryOf({ body }: TableauAnswer): string {
  const summary = Value.Check(ErrorAnswer, body) ? body.error.summary : undefined;
  return String(summary ?? 'it gave no reason')
    .slice(0, 80)
    .replace(/\.$/, '');
}

function unreadable({ status, body }: TableauAnswer, resource: RequestedResource): string {
  if (body === undefined) return `Tableau answered HTTP ${status} without JSON. Check TABLEAU_DOMAIN.`;
  const what = resource === 'sign-in' ? 'our sign-in' : `the ${names[resource]}`;
  return `Tableau answered HTTP ${status}, and its answer about ${what} cannot be read.`;
}
