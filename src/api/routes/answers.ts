import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { authorProblem } from '../../policy/author.js';
import { parseDuration } from '../../policy/duration.js';
import { day, minute, type AnswerSignal } from '../../workflows/contract.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { namedIncident } from '../incidents/view.js';
import { readJsonBodies } from '../json-body.js';
import { answerBody, answerIncident, incidentParams } from '../operations/incidents.js';
import { problem } from '../problem.js';
import type { TakeAnswer } from '../incidents/take-answer.js';

const verbs = ['acknowledge', 'resolve', 'rerun', 'snooze'] as const;

const minSnoozeMs = minute;
const maxSnoozeMs = day;

function durationOf(text = '1h'): number {
  const durationMs = parseDuration(text.trim());
  if (durationMs !== null && durationMs >= minSnoozeMs && durationMs <= maxSnoozeMs) return durationMs;
  throw problem(400, 'BAD_DURATION', 'duration must be a time from 1m to 24h, such as 30m, 1h or 2h30m.');
}

function byOf(text = 'api'): string {
  const by = text.trim();
  const wrong = authorProblem(by);
  if (wrong !== null) throw problem(400, 'BAD_BY', wrong);
  return by;
}

const isOver = () => problem(409, 'INCIDENT_OVER', 'The incident is over.');

/**
 * `POST /incidents/<id>/acknowledge`, `…/resolve`, `…/rerun` and `…/snooze`. 202 when the answer is recorded but its outcome is
 * not known in time. Unknown fields of the body are ignored.
 */
export const answers: FastifyPluginAsyncTypebox<{ takeAnswer: TakeAnswer }> = async (scope, { takeAnswer }) => {
  const { temporal } = scope;
  readJsonBodies(scope);

  async function answer(id: string, command: Omit<AnswerSignal, 'answerId'>): Promise<IncidentView | null> {
    const result = await takeAnswer(id, { answerId: `api:${randomUUID()}`, ...command });
    if (result === 'closed') throw isOver();
    return result === null ? null : await namedIncident(temporal, id);
  }

  for (const verb of verbs) {
    scope.post(
      `/incidents/:id/${verb}`,
      {
        schema: { ...answerIncident(verb), params: incidentParams, body: answerBody },
        preValidation: async (request) => {
          // Not `null`, which is no object.
          if (request.body === undefined) request.body = {};
        },
      },
      async (request, reply) => {
        const by = byOf(request.body.by);
        const command: Omit<AnswerSignal, 'answerId'> =
          verb === 'snooze' ? { verb, by, durationMs: durationOf(request.body.duration) } : { verb, by };
        const view = await answer(request.params.id, command);
        if (view !== null) return view;
        void reply.code(202);
        return { status: 'recorded' };
      },
    );
  }
};
