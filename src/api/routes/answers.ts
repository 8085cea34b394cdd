import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import {
  answeredQuery,
  answerSignal,
  incidentWorkflowId,
  type AnswerResult,
  type IncidentView,
} from '../../workflows/contract.js';
import { isKnown, readIncident, unknownIncident } from '../incident-view.js';
import { problem } from '../plugins/errors.js';

const doors = ['acknowledge', 'resolve', 'rerun'] as const;
type Door = (typeof doors)[number];

const schema = {
  params: Type.Object({ id: Type.String() }),
  body: Type.Object({ by: Type.Optional(Type.String()) }),
};

function byOf(text = 'api'): string {
  const by = text.trim();
  if (by === '' || Array.from(by).length > 64 || /\p{Cc}/u.test(by))
    throw problem(400, 'BAD_BY', 'by must have 1 to 64 characters, no control characters among them.');
  // It is shown in Temporal, where no number may be.
  if (/\d(?:[\s().+/-]*\d){6,}/.test(by))
    throw problem(400, 'BAD_BY', 'by must not hold a phone number; give a role or a name.');
  return by;
}

const isOver = () => problem(409, 'INCIDENT_OVER', 'The incident is over.');

/** `POST /incidents/<id>/acknowledge`, `…/resolve` and `…/rerun`. 202 when the answer is recorded but its outcome is not known in time. */
export const answers: FastifyPluginAsyncTypebox = async (scope) => {
  const { temporal } = scope;
  // The body may be missing, whatever the content type says.
  const parseJson = scope.getDefaultJsonParser('error', 'error');
  scope.removeContentTypeParser('application/json');
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.trim() === '') done(null, {});
    else void parseJson(request, body, done);
  });

  async function answer(id: string, verb: Door, by: string): Promise<IncidentView | null> {
    const answerId = `api:${randomUUID()}`;
    const workflowId = incidentWorkflowId(id);
    try {
      await temporal.within(temporal.patience.read, (client) =>
        client.workflow.getHandle(workflowId).signal(answerSignal, { answerId, verb, by }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw (await isKnown(temporal, id)) ? isOver() : unknownIncident();
    }
    const result = await temporal.ask<AnswerResult>(temporal.patience.outcome, (client) =>
      client.workflow.getHandle(workflowId).query(answeredQuery, answerId),
    );
    scope.log.info({ incident: id, verb, result }, 'answer recorded');
    if (result === 'closed') throw isOver();
    return result === null ? null : await readIncident(temporal, id);
  }

  for (const verb of doors) {
    scope.post(
      `/incidents/:id/${verb}`,
      {
        schema,
        preValidation: async (request) => {
          request.body ??= {};
        },
      },
      async (request, reply) => {
        const view = await answer(request.params.id, verb, byOf(request.body.by));
        if (view !== null) return view;
        void reply.code(202);
        return { status: 'recorded' };
      },
    );
  }
};
