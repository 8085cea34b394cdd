/**
 * The one place that understands how Tableau fails. Nothing of a request goes into a message: axios's errors carry the
 * credentials, and Tableau's `detail` names people.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm
 */
import { ApplicationFailure } from '@temporalio/common';
import { Value } from 'typebox/value';
import { ErrorAnswer } from './schemas.js';

export interface TableauProblem {
  type: 'tableau-unavailable' | 'tableau-refused';
  retryable: boolean;
  /** One sentence or two, with Tableau's own code. */
  message: string;
}

export interface TableauAnswer {
  status: number;
  /** Parsed JSON; undefined for anything else. */
  body: unknown;
}

/** What was asked for: `sign-in`, or a word such as `workbook`. */
export type Asked =
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
  | 'webhooks'
  | 'workbooks'
  | 'users';

const words: Record<Asked, string> = {
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
  webhooks: 'webhooks',
  workbooks: 'workbooks',
  users: 'users',
};

const single = new Set<Asked>(['workbook', 'datasource', 'user', 'job']);

/** The error code of an answer, such as `401002`. */
export function codeOf({ body }: TableauAnswer): string | undefined {
  return Value.Check(ErrorAnswer, body) ? String(body.error.code) : undefined;
}

/** The problem of an answer that is not what was asked for. `variables` are those that a sign-in depends on. */
export function refusal(answer: TableauAnswer, asked: Asked, variables = ''): TableauProblem {
  const { status } = answer;
  const code = codeOf(answer);
  if (status === 429 || code?.startsWith('429'))
    return unavailable(`Tableau answered ${code ?? status}: too many requests.`);
  if (status >= 500) return unavailable(`Tableau answered ${code ?? `HTTP ${status}`}.`);
  if (code === undefined) return refused(unreadable(answer, asked));
  return refused(`Tableau answered ${code}: ${meaning(code, asked, variables) ?? summaryOf(answer)}.`);
}

/** The problem of a request that got no answer: `error` is axios's, of which only the code is looked at. */
export function silence(error: unknown, seconds: number): TableauProblem {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 'ERR_CANCELED' || code === 'ECONNABORTED' || code === 'ETIMEDOUT')
    return unavailable(`Tableau did not answer within ${seconds} s.`);
  return unavailable(`Tableau cannot be reached${typeof code === 'string' ? ` (${code})` : ''}.`);
}

export function tableauFailure({ type, retryable, message }: TableauProblem): ApplicationFailure {
  return ApplicationFailure.create({ type, nonRetryable: !retryable, message });
}

const unavailable = (message: string): TableauProblem => ({ type: 'tableau-unavailable', retryable: true, message });
/** Another sign-in by the same token ends our session, however often we begin one. */
export const contested = unavailable(
  'Tableau ended our session again and again (401002): give each worker a personal access token of its own.',
);

const refused = (message: string): TableauProblem => ({ type: 'tableau-refused', retryable: false, message });

/**
 * Why Tableau does not run a refresh, in a sentence for the person who asked; `queued` when one is queued already, which is as
 * good; undefined when it does. Throws what leaves open whether it was taken.
 */
export function refusedRerun(answer: TableauAnswer): string | undefined {
  const { status } = answer;
  const code = codeOf(answer);
  if (code === '409093') return 'queued';
  if (status === 429 || code?.startsWith('429'))
    return `Tableau takes no more refreshes now; it can be tried again ${when(answer)}.`;
  if (status >= 500) throw tableauFailure(refusal(answer, 'refresh'));
  if (code === '409090') return 'It has no extract that Tableau could refresh.';
  if (code?.startsWith('401') || code?.startsWith('403'))
    return `We may not refresh it in Tableau (${code}): the user that we sign in as needs permission, a connected app the scope tableau:tasks:run.`;
  if (code?.startsWith('404')) return `Tableau does not know it any more (${code}).`;
  if (status >= 200 && status < 300) return undefined;
  return refusal(answer, 'refresh').message;
}

/** The wait is told in the text alone: "Please retry after 29 minutes." */
function when({ body }: TableauAnswer): string {
  const detail = Value.Check(ErrorAnswer, body) ? String(body.error.detail ?? '') : '';
  const [, number, unit] = /retry after (\d{1,4}) (second|minute|hour)s?/i.exec(detail) ?? [];
  return number && unit ? `in ${number} ${unit.toLowerCase()}${number === '1' ? '' : 's'}` : 'later';
}

/** Whether an error says that the same request will be refused again. */
export const isRefused = (error: unknown): error is ApplicationFailure =>
  error instanceof ApplicationFailure && error.nonRetryable === true;

function meaning(code: string, asked: Asked, variables: string): string | undefined {
  const word = words[asked];
  if (asked === 'sign-in' && code.startsWith('401')) return `we may not sign in. Check ${variables}`;
  if (asked === 'sign-in' && code.startsWith('404'))
    return 'no such address. Check TABLEAU_DOMAIN and TABLEAU_RESTAPI_VERSION';
  // Its summary is not repeated: the request held our credentials.
  if (asked === 'sign-in') return `it does not take our sign-in. Check ${variables}`;
  if (code.startsWith('401') || code.startsWith('403'))
    return `we may not see ${single.has(asked) ? 'this' : 'the'} ${word}. Give the user that we sign in as permission`;
  if (code.startsWith('404')) return single.has(asked) ? `no such ${word}` : `it does not know the ${word}`;
  return undefined;
}

function summaryOf({ body }: TableauAnswer): string {
  const summary = Value.Check(ErrorAnswer, body) ? body.error.summary : undefined;
  return String(summary ?? 'it did not say why')
    .slice(0, 80)
    .replace(/\.$/, '');
}

function unreadable({ status, body }: TableauAnswer, asked: Asked): string {
  if (body === undefined) return `Tableau answered HTTP ${status} without JSON. Check TABLEAU_DOMAIN.`;
  const what = asked === 'sign-in' ? 'our sign-in' : `the ${words[asked]}`;
  return `Tableau answered HTTP ${status}, and what it says of ${what} cannot be read.`;
}
