import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeOf, refusal, TableauError, unanswered, type RequestedResource } from '../../src/tableau/rest/errors.js';

const error = (code: string | number, summary = 'Summary') => ({
  error: { code, summary, detail: "Login for user 'ana@example.com' with secret hunter2" },
});

const axiosError = (code: string) =>
  Object.assign(new Error('ana hunter2'), { code, config: { data: '{"personalAccessTokenSecret":"hunter2"}' } });

describe('an error or unreadable response of Tableau', () => {
  const rows: [status: number, body: unknown, asked: RequestedResource, retryable: boolean, message: RegExp][] = [
    [404, error('404003'), 'workbook', false, /^Tableau answered 404003: no such workbook\.$/],
    [404, error('404004'), 'datasource', false, /^Tableau answered 404004: no such data source\.$/],
    [404, error('404002'), 'user', false, /^Tableau answered 404002: no such user\.$/],
    [
      401,
      error('401001'),
      'sign-in',
      false,
      /^Tableau answered 401001: we may not sign in\. Check TABLEAU_PAT_NAME, .*\.$/,
    ],
    [
      404,
      error('404003'),
      'sign-in',
      false,
      /404003: no such address\. Check TABLEAU_DOMAIN and TABLEAU_RESTAPI_VERSION\.$/,
    ],
    [401, error('401002'), 'workbook', false, /401002: we may not see this workbook\./],
    [403, error('403004'), 'datasource', false, /403004: we may not see this data source\./],
    [403, error('403004'), 'jobs', false, /403004: we may not see the jobs\./],
    [404, error('404003'), 'tasks', false, /404003: it does not know the refresh schedules\.$/],
    [
      400,
      error('400006', 'Invalid page number.'),
      'workbook',
      false,
      /^Tableau answered 400006: Invalid page number\.$/,
    ],
    [429, error('429000'), 'workbook', true, /429000: too many requests/],
    [429, undefined, 'workbook', true, /429: too many requests/],
    [400, error(429000), 'workbook', true, /429000/],
    [500, error('500000'), 'workbook', true, /^Tableau answered 500000\.$/],
    [503, undefined, 'workbook', true, /^Tableau answered HTTP 503\.$/],
    [
      200,
      undefined,
      'workbook',
      true,
      /^Tableau answered HTTP 200 without JSON\. Check TABLEAU_DOMAIN if this lasts\.$/,
    ],
    [302, undefined, 'sign-in', false, /HTTP 302 without JSON/],
    [200, {}, 'datasource', false, /HTTP 200, and its answer about the data source cannot be read\.$/],
  ];
  for (const [status, body, asked, retryable, message] of rows)
    test(`${status} with ${JSON.stringify(body) ?? 'HTML'}, requested: ${asked}`, () => {
      const problem = refusal({ status, body }, asked, 'TABLEAU_PAT_NAME, TABLEAU_PAT_SECRET');
      assert.equal(problem.retryable, retryable);
      assert.equal(problem.type, retryable ? 'tableau-unavailable' : 'tableau-refused');
      assert.match(problem.message, message);
      assert.doesNotMatch(problem.message, /ana|hunter2/);
    });
});

test('an error code is a string, also when Tableau sends a number', () => {
  assert.equal(codeOf({ status: 401, body: error(401002) }), '401002');
  assert.equal(codeOf({ status: 401, body: '<html>' }), undefined);
});

test('a request without a response is retryable, and its failure contains nothing of the request', () => {
  assert.equal(unanswered(axiosError('ECONNREFUSED'), 5_000).message, 'Tableau cannot be reached (ECONNREFUSED).');
  assert.equal(unanswered(axiosError('ERR_CANCELED'), 5_000).message, 'Tableau did not answer within 5 s.');
  const failure = new TableauError(unanswered(axiosError('ECONNRESET'), 5_000));
  assert.deepEqual([failure.type, failure.retryable], ['tableau-unavailable', true]);
  assert.doesNotMatch(JSON.stringify(failure) + failure.stack, /hunter2/);
});
