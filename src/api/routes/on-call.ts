import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { instantRule, parseInstant } from '../../policy/local-time.js';
import { onCallAt } from '../../policy/on-call.js';
import { withOverrides } from '../../policy/overrides.js';
import { readOverrides } from '../../temporal/on-call.js';
import type { Override } from '../../workflows/on-call-contract.js';
import { whoIsOnCall } from '../operations/on-call.js';
import type { OnCallPages } from './on-call-pages.js';
import { wantsHtml } from '../pages/wanted.js';
import { problem } from '../problem.js';

const short = Type.Optional(Type.String({ maxLength: 64 }));
/** `done` and `id` are what a form leads to. */
const Query = Type.Object({ at: short, done: short, id: short });

interface Options {
  escalation: EscalationSource;
  clock: () => number;
  pages: OnCallPages;
}

function instantFrom(text: string): number {
  // A + that was not percent-encoded arrives as a space.
  const at = parseInstant(text.replace(' ', '+'));
  if (at === null) throw problem(400, 'BAD_AT', `at must be ${instantRule}.`);
  return at;
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const unread = 'Overrides that were made by requests could not be read: this is by the escalation file alone.';

/**
 * `GET /on-call?at=`, JSON for scripts and a page for whoever prefers HTML: who is on call by each schedule now, or at a time, and who is next. Contacts
 * are keys. `GET /live/on-call` says when the page shows something else.
 */
export const onCall: FastifyPluginAsyncTypebox<Options> = async (scope, { escalation, clock, pages }) => {
  const onRequest = [scope.limits.reads, scope.shed];
  const { temporal, log } = scope;

  /** Null while Temporal does not answer: who is on call by the file is still worth knowing. */
  async function readMade(): Promise<Override[] | null> {
    try {
      return await temporal.request(temporal.timeouts.readyTimeoutMs, readOverrides);
    } catch (err) {
      log.warn({ err }, 'overrides could not be read: who is on call is by the escalation file alone');
      return null;
    }
  }

  const seen = Type.Object({ seen: Type.String({ maxLength: 64 }) });
  scope.get('/live/on-call', { onRequest, schema: { querystring: seen } }, async (request, reply) =>
    scope.live(request, reply, { key: 'on-call', read: pages.version }, request.query.seen),
  );

  scope.get('/on-call', { onRequest, schema: { ...whoIsOnCall, querystring: Query } }, async (request, reply) => {
    const { at, ...done } = request.query;
    if (wantsHtml(request)) return pages.show(request, reply, done);
    void reply.header('vary', 'accept');
    const time = at === undefined ? clock() : instantFrom(at);
    const inForce = escalation.current();
    const schedules = Object.entries(inForce.schedules ?? {});
    const made = schedules.length === 0 ? [] : await readMade();
    const rows = schedules.map(([name, schedule]) => {
      const { now, next } = onCallAt(withOverrides(inForce, name, schedule, made ?? []), time);
      const row = { now: now.contact, until: iso(now.until), next: next?.contact ?? null, override: now.isOverride };
      return [name, row] as const;
    });
    return { schedules: Object.fromEntries(rows), ...(made === null && { problem: unread }) };
  });
};
