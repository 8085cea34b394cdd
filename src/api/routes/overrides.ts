import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { readOverride, scheduleNamed } from '../../policy/overrides.js';
import type { Schedule } from '../../policy/on-call.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { endOverride, makeOverride, readOverrides } from '../../temporal/on-call.js';
import { isEntryId, type Override } from '../../workflows/on-call-contract.js';
import { readJsonBodies } from '../json-body.js';
import * as operations from '../operations/on-call.js';
import { badField, problem, type Problem } from '../plugins/errors.js';

interface Options {
  escalation: EscalationSource;
  clock: () => number;
}

const iso = (at: number): string => new Date(at).toISOString();
const shown = ({ id, schedule, contact, from, to }: Override) => ({
  id,
  schedule,
  contact,
  from: iso(from),
  to: iso(to),
});

const unknownOverride = (): Problem => problem(404, 'UNKNOWN_OVERRIDE', 'The schedule has no such override.');

/** `/schedules/<name>/overrides`, for scripts: who is on call in place of whoever would be, by requests besides the escalation file. */
export const overrides: FastifyPluginAsyncTypebox<Options> = async (scope, { escalation, clock }) => {
  readJsonBodies(scope);
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal } = scope;
  const { readTimeoutMs } = temporal.timeouts;

  function named(name: string): { name: string; schedule: Schedule } {
    const inForce = escalation.current();
    const schedule = scheduleNamed(inForce, name);
    if (schedule) return { name, schedule };
    const known = Object.keys(inForce.schedules ?? {}).join(', ') || 'none';
    throw problem(404, 'UNKNOWN_SCHEDULE', `There is no such schedule; known are: ${known}.`);
  }

  scope.get(
    '/schedules/:name/overrides',
    { onRequest, schema: { ...operations.listOverrides, params: operations.scheduleParams } },
    async ({ params }) => {
      const { name } = named(params.name);
      const made = await temporal.request(readTimeoutMs, readOverrides);
      const now = clock();
      const rows = made.filter(({ schedule, to }) => schedule === name && to > now);
      return { overrides: rows.map((row) => ({ ...shown(row), by: row.by })) };
    },
  );

  scope.post(
    '/schedules/:name/overrides',
    {
      onRequest,
      schema: { ...operations.makeOverride, params: operations.scheduleParams, body: operations.overrideBody },
    },
    async ({ params, body }, reply) => {
      const schedule = named(params.name);
      const made = await temporal.request(readTimeoutMs, readOverrides);
      const read = readOverride(escalation.current(), schedule, body, { id: randomUUID(), now: clock(), made });
      if ('problem' in read) throw problem(400, badField(read.problem.field), read.problem.message);
      const { request } = read;
      const refusal = await temporal.request(readTimeoutMs, (client) => makeOverride(client, request));
      if (refusal?.field === null) throw problem(409, 'TOO_MANY_OVERRIDES', refusal.message);
      if (refusal) throw problem(400, badField(refusal.field), refusal.message);
      void reply.code(201);
      return shown(request.override);
    },
  );

  scope.delete(
    '/schedules/:name/overrides/:id',
    { onRequest, schema: { ...operations.endOverride, params: operations.overrideParams } },
    async (request, reply) => {
      const { name } = named(request.params.name);
      const { id } = request.params;
      if (!isEntryId(id)) throw unknownOverride();
      const isKnown = await temporal.request(readTimeoutMs, (client) => endOverride(client, { id, schedule: name }));
      if (!isKnown) throw unknownOverride();
      return reply.code(204).send();
    },
  );
};
