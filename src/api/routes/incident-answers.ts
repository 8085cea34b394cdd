import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { parseDuration } from '../../policy/duration.js';
import { isEntryId } from '../../workflows/on-call-contract.js';
import type { AnswerSignal } from '../../workflows/contract.js';
import { notRecordedPage, snoozeTimes } from '../pages/incident-page.js';
import { incidentPath } from '../pages/paths.js';
import { formToken, sendPage } from '../pages/send-page.js';
import { problem } from '../problem.js';
import type { TakeAnswer } from '../incidents/take-answer.js';
import { isTemporalUnavailable } from '../temporal-errors.js';
import type { PublicAddress } from '../public-address.js';

const Body = Type.Object({
  _csrf: Type.Optional(Type.String()),
  nonce: Type.String({ maxLength: 64 }),
  /** That of the page: an answer is for what its reader saw. */
  episode: Type.Optional(Type.String({ maxLength: 64 })),
  verb: Type.Enum(['acknowledge', 'resolve', 'rerun', 'snooze']),
  duration: Type.Optional(Type.Enum([...snoozeTimes])),
});

/** The id of an answer by the page with this nonce: another button of a page that a browser shows again is another answer. */
export const pageAnswerId = (pressed: string): string => `page:${pressed}`;

/** `POST /incidents/<id>/answers`, the form of the page of an incident. Its nonce and the button make a copy of it the same answer. */
export const incidentAnswers: FastifyPluginAsyncTypebox<{ address: PublicAddress; takeAnswer: TakeAnswer }> = async (
  scope,
  { address: { prefix }, takeAnswer },
) => {
  const schema = { params: Type.Object({ id: Type.String() }), body: Body };
  scope.post('/incidents/:id/answers', { preHandler: scope.checksForm, schema }, async (request, reply) => {
    const { params, body, person } = request;
    if (!isEntryId(body.nonce)) throw problem(400, 'BAD_NONCE', 'The form is not one of ours: open the page again.');
    if (person === null) throw problem(401, 'BAD_TOKEN', 'Sign in to answer.');
    const pressed = `${body.nonce}:${body.verb}`;
    const answer: AnswerSignal = {
      answerId: pageAnswerId(pressed),
      ...(body.episode && { episode: body.episode }),
      verb: body.verb,
      by: person.name,
      ...(person.contact !== null && { contact: person.contact }),
      ...(body.verb === 'snooze' && { durationMs: parseDuration(body.duration ?? '1h') ?? 0 }),
    };
    try {
      const outcome = await takeAnswer(params.id, answer);
      const said = outcome === null ? `recorded&answer=${pressed}` : outcome;
      return await reply.redirect(`${prefix}${incidentPath(params.id)}?outcome=${said}`, 303);
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
      const main = notRecordedPage(prefix, params.id, 'Temporal, which keeps all that is recorded, does not respond.');
      const frame = { title: 'Not recorded', current: '/incidents', prefix, main, status: 503 };
      return sendPage(request, reply, formToken(reply), frame);
    }
  });
};
