import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { scheduleNamed } from '../../policy/overrides.js';
import type { Schedule } from '../../policy/on-call.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { readOverrides } from '../../temporal/on-call.js';
import type { Override } from '../../workflows/on-call-contract.js';
import { readJsonBodies } from '../json-body.js';
import type { OnCallEntries } from '../on-call/entries.js';
import * as operations from '../operations/on-call.js';
import { badField, problem, type Problem } from '../problem.js';

interface Options {
  escalation: EscalationSource;
  entries: OnCallEntries;
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
export const overrides: FastifyPluginAsyncTypebox<Options> = async (scope, { escalation, entries, clock }) => {
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
      const { name } = named(params.name);
      const outcome = await entries.override(name, body, randomUUID());
      if ('made' in outcome) {
        void reply.code(201);
        return shown(outcome.made);
      }
      const { field, message } = outcome.refused;
      throw field === null ? problem(409, 'TOO_MANY_OVERRIDES', message) : problem(400, badField(field), message);
    },
  );

  scope.delete(
    '/schedules/:name/overrides/:id',
    { onRequest, schema: { ...operations.endOverride, params: operations.overrideParams } },
    async (request, reply) => {
      const { name } = named(request.params.name);
      if (!(await entries.endOverride(name, request.params.id))) throw unknownOverride();
      return reply.code(204).send();
    },
  );
};
