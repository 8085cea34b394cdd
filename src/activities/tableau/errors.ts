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
export type Asked = 'sign-in' | 'workbook' | 'datasource' | 'user';

const words: Record<Asked, string> = {
  'sign-in': 'site',
  workbook: 'workbook',
  datasource: 'data source',
  user: 'user',
};

/** The error code of an answer, such as `401002`. */
export function codeOf({ body }: TableauAnswer): string | undefined {
  return Value.Check(ErrorAnswer, body) ? String(body.error.code) : undefined;
}

/** The problem of an answer that is not what was asked for. */
export function refusal(answer: TableauAnswer, asked: Asked): TableauProblem {
  const { status } = answer;
  const code = codeOf(answer);
  if (status === 429 || code?.startsWith('429'))
    return unavailable(`Tableau answered ${code ?? status}: too many requests.`);
  if (status >= 500) return unavailable(`Tableau answered ${code ?? `HTTP ${status}`}.`);
  if (code === undefined) return refused(unreadable(answer, asked));
  return refused(`Tableau answered ${code}: ${meaning(code, asked) ?? summaryOf(answer)}.`);
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
const refused = (message: string): TableauProblem => ({ type: 'tableau-refused', retryable: false, message });

function meaning(code: string, asked: Asked): string | undefined {
  const word = words[asked];
  if (asked === 'sign-in' && code.startsWith('401'))
    return 'we may not sign in. Check TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET and TABLEAU_SITENAME; tokens expire';
  if (asked === 'sign-in' && code.startsWith('404'))
    return 'no such address. Check TABLEAU_DOMAIN and TABLEAU_RESTAPI_VERSION';
  if (code.startsWith('401') || code.startsWith('403'))
    return `we may not see this ${word}. Give the token's user permission to view it`;
  if (code.startsWith('404')) return `no such ${word}`;
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
