/** The page at `GET /on-call`, for whoever prefers HTML. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EscalationSource } from '../policy/escalation-source.js';
import { onCallView, readMade } from './on-call-view.js';
import { onCallPage, type RefusedForm } from './pages/on-call-page.js';
import { formToken, sendPage } from './pages/send-page.js';
import { mayAct } from './person.js';
import { readerClock } from './reader-clock.js';
import type { TemporalGateway } from './temporal-gateway.js';

interface Options {
  temporal: Pick<TemporalGateway, 'request' | 'timeouts'>;
  escalation: EscalationSource;
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  clock: () => number;
}

/** What the forms have done, as words in the address that they lead to. */
const doneTexts: Readonly<Record<string, string>> = {
  override: 'The override is made, and whom it concerns gets a message.',
  'override-ended': 'The override is ended, and whom it concerned gets a message.',
  silence: 'The silence is made, and whom it concerns gets a message.',
  'silence-ended': 'The silence is ended, and whom it concerned gets a message.',
  gone: 'That was over already.',
};

export function createOnCallPages({ temporal, escalation, prefix, clock }: Options) {
  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    refused: RefusedForm | null,
    status = 200,
    done = '',
  ) {
    const now = clock();
    const made = await readMade(temporal, request.log, now);
    const view = onCallView(escalation, made, now);
    const csrf = formToken(reply);
    const { person } = request;
    const said = Object.hasOwn(doneTexts, done) ? doneTexts[done] : undefined;
    return sendPage(request, reply, csrf, {
      title: 'On call',
      current: '/on-call',
      prefix,
      status,
      main: onCallPage({
        prefix,
        ...view,
        clock: readerClock(person, escalation, now),
        ...(person !== null && mayAct(person, 'responder') && { form: { csrf, newId: randomUUID } }),
        ...(refused && { refused }),
      }),
      ...(refused && { notice: { kind: 'wrong', text: refused.message } }),
      ...(said !== undefined && { notice: { kind: 'done', text: said } }),
    });
  }
  return { show };
}
export type OnCallPages = ReturnType<typeof createOnCallPages>;
