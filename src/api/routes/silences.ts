import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readSilences } from '../../temporal/on-call.js';
import type { Silence } from '../../workflows/on-call-contract.js';
import { readJsonBodies } from '../json-body.js';
import type { OnCallEntries } from '../on-call/entries.js';
import * as operations from '../operations/silences.js';
import { badField, problem, type Problem } from '../problem.js';

interface Options {
  entries: OnCallEntries;
  clock: () => number;
}

const iso = (at: number): string => new Date(at).toISOString();
const shown = ({ id, match, from, to, reason, by }: Silence) => ({
  id,
  match,
  start: iso(from),
  end: iso(to),
  reason,
  by,
});

const unknownSilence = (): Problem => problem(404, 'UNKNOWN_SILENCE', 'There is no such silence.');

/** `/silences`, for scripts: what matches is recorded, and nobody is paged for it. */
export const silences: FastifyPluginAsyncTypebox<Options> = async (scope, { entries, clock }) => {
  readJsonBodies(scope);
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal } = scope;
  const { readTimeoutMs } = temporal.timeouts;

  scope.get('/silences', { onRequest, schema: operations.listSilences }, async () => {
    const made = await temporal.request(readTimeoutMs, readSilences);
    const now = clock();
    return { silences: made.filter(({ to }) => to > now).map(shown) };
  });

  scope.post(
    '/silences',
    { onRequest, schema: { ...operations.makeSilence, body: operations.silenceBody } },
    async ({ body }, reply) => {
      const outcome = await entries.silence(body, randomUUID());
      if ('made' in outcome) {
        void reply.code(201);
        return shown(outcome.made);
      }
      const { field, message } = outcome.refused;
      throw field === null ? problem(409, 'TOO_MANY_SILENCES', message) : problem(400, badField(field), message);
    },
  );

  scope.delete(
    '/silences/:id',
    { onRequest, schema: { ...operations.endSilence, params: operations.silenceParams } },
    async (request, reply) => {
      if (!(await entries.endSilence(request.params.id))) throw unknownSilence();
      return reply.code(204).send();
    },
  );
};
