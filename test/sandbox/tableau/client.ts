/** A client of the sandbox's Tableau REST API. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Sandbox } from '../../../sandbox/sandbox.js';
import { pat } from '../world.js';

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

const Signed = Type.Object({
  credentials: Type.Object({ token: Type.String(), site: Type.Object({ id: Type.String() }) }),
});
const Failed = Type.Object({ error: Type.Object({ code: Type.String() }) });

export const ask = async (
  sandbox: Sandbox,
  method: string,
  path: string,
  { token, body, version = '3.25' }: { token?: string; body?: unknown; version?: string } = {},
): Promise<Answer> => {
  const response = await fetch(`${sandbox.url}/api/${version}${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { 'x-tableau-auth': token }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed: unknown = text === '' ? {} : JSON.parse(text);
  return { status: response.status, headers: response.headers, body: Object.fromEntries(Object.entries(parsed ?? {})) };
};

export const codeOf = ({ status, body }: Answer): [number, string] => [
  status,
  Value.Check(Failed, body) ? body.error.code : 'no error',
];

export const credentials = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
  credentials: {
    personalAccessTokenName: pat.name,
    personalAccessTokenSecret: pat.secret,
    site: { contentUrl: '' },
    ...change,
  },
});

export const signIn = async (sandbox: Sandbox): Promise<string> => {
  const { body } = await ask(sandbox, 'POST', '/auth/signin', { body: credentials() });
  if (!Value.Check(Signed, body)) throw new Error(`not signed in: ${JSON.stringify(body)}`);
  return body.credentials.token;
};
