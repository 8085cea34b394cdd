/** Errors of Twilio's REST API: https://www.twilio.com/docs/api/errors */

export interface RestError {
  status: number;
  code: number;
  message: string;
}

export const restError = (code: number, message: string, status = 400): RestError => ({ status, code, message });

export const restErrorBody = ({ status, code, message }: RestError): Record<string, unknown> => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
});

export const notFound = (path: string): RestError =>
  restError(20404, `The requested resource ${path} was not found`, 404);

export const unauthorized = restError(20003, 'Authenticate', 401);

export const isRestError = (value: object): value is RestError => 'code' in value && 'message' in value;
