import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { instantOf, parseLocalTime } from '../../policy/local-time.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { isEntryId, silenceKeys } from '../../workflows/on-call-contract.js';
import type { Made, OnCallEntries } from '../on-call/entries.js';
import type { DoneWhat, OnCallPages } from './on-call-pages.js';
import type { RefusedForm } from '../pages/on-call-page.js';
import { problem } from '../problem.js';
import { isTemporalUnavailable } from '../temporal-errors.js';
import type { PublicAddress } from '../public-address.js';

interface Options {
  address: PublicAddress;
  escalation: EscalationSource;
  entries: OnCallEntries;
  pages: OnCallPages;
}

const text = Type.String({ maxLength: 512 });
const csrf = Type.Optional(Type.String());
const OverrideForm = Type.Object({ _csrf: csrf, id: text, schedule: text, contact: text, from: text, to: text });
const EndOverrideForm = Type.Object({ _csrf: csrf, id: text, schedule: text });
const pattern = Type.Optional(text);
const Patterns = { item: pattern, project: pattern, tag: pattern, site: pattern, event: pattern };
const SilenceForm = Type.Object({ _csrf: csrf, id: text, ...Patterns, for: text, reason: text });
const EndSilenceForm = Type.Object({ _csrf: csrf, id: text });

/** A form that was sent. */
type Sent = Pick<RefusedForm, 'form' | 'schedule' | 'values'> & { id: string };

const notSure =
  'It is not known whether this was recorded: no worker has confirmed it in time. Send it again: it counts once.';

function checkId(id: string): void {
  if (!isEntryId(id)) throw problem(400, 'BAD_ID', 'The form is not one of ours: open the page again.');
}

/** The forms of the page of who is on call. */
export const onCallForms: FastifyPluginAsyncTypebox<Options> = async (
  scope,
  { address: { prefix }, escalation, entries, pages },
) => {
  const preHandler = scope.checksForm;
  const authorOf = ({ person }: FastifyRequest): string => person?.name ?? 'api';
  const done = (reply: FastifyReply, what: DoneWhat, id: string): FastifyReply =>
    reply.redirect(`${prefix}/on-call?${new URLSearchParams({ done: what, id }).toString()}`, 303);

  /** Shows the page again with what was refused, or leads to the page that shows what was made. */
  async function finish(
    request: FastifyRequest,
    reply: FastifyReply,
    { id, ...what }: Sent,
    make: () => Promise<Made<unknown>>,
  ): Promise<FastifyReply> {
    try {
      const outcome = await make();
      if ('made' in outcome) return done(reply, what.form, id);
      return await pages.show(request, reply, { refused: { ...what, ...outcome.refused }, status: 400 });
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
      return pages.show(request, reply, { refused: { ...what, id, field: null, message: notSure }, status: 503 });
    }
  }

  scope.post('/on-call/overrides', { preHandler, schema: { body: OverrideForm } }, async (request, reply) => {
    const { body } = request;
    checkId(body.id);
    const { id, schedule, contact } = body;
    const zone = escalation.current().schedules?.[schedule]?.timezone ?? 'UTC';
    const [from, to] = [instantText(body.from, zone), instantText(body.to, zone)];
    return finish(request, reply, { form: 'override', id, schedule, values: body }, async () => {
      if (from === null) return noTime('from');
      if (to === null) return noTime('to');
      return entries.override(schedule, { contact, from, to, by: authorOf(request) }, id);
    });
  });

  scope.post('/on-call/silences', { preHandler, schema: { body: SilenceForm } }, async (request, reply) => {
    const { body } = request;
    checkId(body.id);
    const fields = { match: matchOf(body), for: body.for, reason: body.reason, by: authorOf(request) };
    return finish(request, reply, { form: 'silence', id: body.id, values: body }, async () =>
      Object.keys(fields.match).length === 0 ? noMatch : entries.silence(fields, body.id),
    );
  });

  scope.post('/on-call/overrides/end', { preHandler, schema: { body: EndOverrideForm } }, async (request, reply) => {
    const { id, schedule } = request.body;
    return done(reply, (await entries.endOverride(schedule, id)) ? 'override-ended' : 'gone', id);
  });

  scope.post('/on-call/silences/end', { preHandler, schema: { body: EndSilenceForm } }, async (request, reply) => {
    const { id } = request.body;
    return done(reply, (await entries.endSilence(id)) ? 'silence-ended' : 'gone', id);
  });
};

/** What a field for a local time holds, as an instant; null for what is none. */
function instantText(given: string, zone: string): string | null {
  const local = parseLocalTime(given);
  return local && new Date(instantOf(local, zone)).toISOString();
}

// In words of the form: what a script is told names JSON, and times with an offset.
const noTime = (field: 'from' | 'to') => ({ refused: { field, message: 'Give a date and a time.' } });
const noMatch = {
  refused: {
    field: 'match',
    message: 'Fill in at least one of item, project, tag, site and event; * as the item silences everything.',
  },
};

function matchOf(form: Static<typeof SilenceForm>): Record<string, string> {
  return Object.fromEntries(
    silenceKeys.flatMap((key): [string, string][] => {
      const value = form[key]?.trim() ?? '';
      return value === '' ? [] : [[key, value]];
    }),
  );
}
