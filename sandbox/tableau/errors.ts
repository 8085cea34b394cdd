/** https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_concepts_errors.htm */

export interface TableauError {
  status: number;
  code: string;
  summary: string;
  detail: string;
}

export const tableauError = (
  code: string,
  summary: string,
  detail: string,
  status = Number(code.slice(0, 3)),
): TableauError => ({
  status,
  code,
  summary,
  detail,
});

/** `code` is a string of six digits, the first three normally the HTTP status. */
export const errorBody = ({ code, summary, detail }: TableauError): Record<string, unknown> => ({
  error: { summary, detail, code },
});

export const signinFailed = tableauError('401001', 'Signin Error', 'Error signing in to Tableau Server');
export const noCredentials = tableauError('401000', 'Unauthorized', 'No authentication credentials were provided.');
export const badCredentials = tableauError(
  '401002',
  'Unauthorized Access',
  'Invalid authentication credentials were provided.',
);
export const unknownResource = tableauError('404003', 'Resource Not Found', 'Unknown resource.');
export const badRequest = (detail: string): TableauError => tableauError('400000', 'Bad Request', detail);
export const isTableauError = (value: object): value is TableauError => 'summary' in value && 'detail' in value;
