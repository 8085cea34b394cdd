import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { silenceRequest } from '../../policy/silence-notices.js';
import { readSilence } from '../../policy/silences.js';
import { endSilence, makeSilence, readOverrides, readSilences } from '../../temporal/on-call.js';
import { isEntryId, type Silence } from '../../workflows/on-call-contract.js';
import { readJsonBodies } from '../json-body.js';
import * as operations from '../operations/silences.js';
import { badField, problem, type Problem } from '../plugins/errors.js';

interface Options {
  escalation: EscalationSource;
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
export const silences: FastifyPluginAsyncTypebox<Options> = async (scope, { escalation, clock }) => {
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
      const read = readSilence(body, { id: randomUUID(), now: clock() });
      if ('problem' in read) throw problem(400, badField(read.problem.field), read.problem.message);
      const silence = read.value;
      const made = await temporal.request(readTimeoutMs, readOverrides);
      const request = silenceRequest(escalation.current(), silence, { made });
      const refusal = await temporal.request(readTimeoutMs, (client) => makeSilence(client, request));
      if (refusal?.field === null) throw problem(409, 'TOO_MANY_SILENCES', refusal.message);
      if (refusal) throw problem(400, badField(refusal.field === 'from' ? 'start' : 'end'), refusal.message);
      void reply.code(201);
      return shown(silence);
    },
  );

  scope.delete(
    '/silences/:id',
    { onRequest, schema: { ...operations.endSilence, params: operations.silenceParams } },
    async (request, reply) => {
      const { id } = request.params;
      if (!isEntryId(id)) throw unknownSilence();
      if (!(await temporal.request(readTimeoutMs, (client) => endSilence(client, id)))) throw unknownSilence();
      return reply.code(204).send();
    },
  );
};
