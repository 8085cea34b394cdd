/** A client of the incidents endpoints, over real HTTP with the token. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Service } from './service.js';
import { secrets } from './service.js';

const Row = Type.Object({
  id: Type.String(),
  state: Type.String(),
  item: Type.Object({ name: Type.String() }),
  failures: Type.Number(),
  acknowledgedBy: Type.Union([Type.String(), Type.Null()]),
  step: Type.Number(),
  next: Type.Union([Type.Object({ at: Type.String(), code: Type.String(), what: Type.String() }), Type.Null()]),
});
const Incident = Type.Object({
  ...Row.properties,
  detail: Type.Union([Type.Object({ project: Type.Optional(Type.String()) }), Type.Null()]),
  pagesSent: Type.Array(Type.Object({ contact: Type.String(), status: Type.String() })),
  timeline: Type.Array(Type.Object({ at: Type.String(), type: Type.String(), text: Type.String() })),
});
const Listing = Type.Object({ incidents: Type.Array(Row), next: Type.Union([Type.String(), Type.Null()]) });

const authorization = `Bearer ${secrets.API_TOKEN}`;

export type Script = ReturnType<typeof scriptOf>;

export function scriptOf({ url }: Pick<Service, 'url'>) {
  const pathOf = (id: string): string => `${url}/incidents/${encodeURIComponent(id)}`;
  const get = async (address: string): Promise<unknown> =>
    (await fetch(address, { headers: { authorization } })).json();
  return {
    incident: async (id: string) => Value.Parse(Incident, await get(pathOf(id))),
    list: async (query = '') => Value.Parse(Listing, await get(`${url}/incidents${query}`)),
    /** Gives the status, and the state when the answer is an incident. */
    async post(id: string, what: 'acknowledge' | 'resolve', body?: object) {
      const response = await fetch(`${pathOf(id)}/${what}`, {
        method: 'POST',
        headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const answer: unknown = await response.json();
      return { status: response.status, state: Value.Check(Incident, answer) ? answer.state : null };
    },
  };
}
