/** The page at `GET /on-call`, for whoever prefers HTML. */
import { randomUUID } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { onCallView, readMade, readMadeOrNone, versionOf, type OnCallView } from '../on-call/view.js';
import { forReader } from '../pages/form-problem.js';
import { onCallPage, type RefusedForm } from '../pages/on-call-page.js';
import { formToken, sendPage } from '../pages/send-page.js';
import type { Clock } from '../pages/times.js';
import { mayAct } from '../sign-in/person.js';
import { readerClock } from '../sign-in/reader-clock.js';
import type { TemporalGateway } from '../temporal-gateway.js';

interface Options {
  temporal: Pick<TemporalGateway, 'request' | 'timeouts'>;
  escalation: EscalationSource;
  /** The path prefix of `PUBLIC_URL`. */
  prefix: string;
  clock: () => number;
}

/** What the forms have done, as words in the address that they lead to. */
const doneTexts = {
  override: 'The override is made, and whom it concerns gets a message.',
  'override-ended': 'The override is ended, and whom it concerned gets a message.',
  silence: 'The silence is made, and whom it concerns gets a message.',
  'silence-ended': 'The silence is ended, and whom it concerned gets a message.',
  gone: 'That was over already.',
} as const;
export type DoneWhat = keyof typeof doneTexts;
const isDoneWhat = (text: string): text is DoneWhat => Object.hasOwn(doneTexts, text);

/** What the address says that a form has done, and the id of the override or silence. */
export interface Done {
  done?: string;
  id?: string;
}

/** The address may be opened again much later: what was made has to be there still, and what was ended not. */
function noticeOf({ done = '', id }: Done, { schedules, silences }: OnCallView): string | null {
  if (!isDoneWhat(done) || silences === null) return null;
  const entries = [...schedules.flatMap(({ overrides }) => overrides), ...silences];
  const isMade = done === 'override' || done === 'silence';
  return entries.some((entry) => entry.id === id) === isMade ? doneTexts[done] : null;
}

/** The times of an override are on the clock of its schedule. */
function refusedFor(refused: RefusedForm, { schedules }: OnCallView, reader: Clock): RefusedForm {
  const own = schedules.find(({ name }) => name === refused.schedule);
  return { ...refused, message: forReader(refused.message, own?.clock ?? reader) };
}

/** One with an id may have been recorded. */
const noticeOfRefused = ({ form, id, message }: RefusedForm): string =>
  id === undefined ? `The ${form} was not made. ${message}` : message;

export function createOnCallPages({ temporal, escalation, prefix, clock }: Options) {
  async function show(
    request: FastifyRequest,
    reply: FastifyReply,
    what: Done | { refused: RefusedForm; status: number },
  ): Promise<FastifyReply> {
    const now = clock();
    const made = await readMadeOrNone(temporal, request.log, now);
    const view = onCallView(escalation, made, now);
    const csrf = formToken(reply);
    const { person } = request;
    const mayMake = person !== null && mayAct(person, 'responder');
    const at = readerClock(person, now);
    const refused = 'refused' in what ? refusedFor(what.refused, view, at) : null;
    const said = 'refused' in what ? null : noticeOf(what, view);
    return sendPage(request, reply, csrf, {
      title: 'On call',
      current: '/on-call',
      prefix,
      ...('refused' in what && { status: what.status }),
      clock: at,
      // What a form was refused with is at no address that could be read again.
      isFilledIn: mayMake,
      ...(!refused && { live: `${prefix}/live/on-call?seen=${versionOf(escalation, made)}` }),
      main: onCallPage({
        prefix,
        ...view,
        clock: at,
        ...(mayMake && { form: { csrf, newId: randomUUID } }),
        ...(refused && { refused }),
      }),
      ...(refused && { notice: { kind: 'wrong', text: noticeOfRefused(refused) } }),
      ...(said !== null && { notice: { kind: 'done', text: said } }),
    });
  }

  /** What the page is made of now, as a short text. Throws `temporalUnavailable`. */
  async function version(): Promise<string> {
    return versionOf(escalation, await readMade(temporal, clock()));
  }

  return { show, version };
}
export type OnCallPages = ReturnType<typeof createOnCallPages>;
