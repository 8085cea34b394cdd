import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { instantRule, parseInstant } from '../../policy/local-time.js';
import { onCallAt } from '../../policy/on-call.js';
import { problem } from '../plugins/errors.js';

const Query = Type.Object({ at: Type.Optional(Type.String({ maxLength: 64 })) });

interface Options {
  escalation: EscalationSource;
  clock: () => number;
}

function instantFrom(text: string): number {
  // A + that was not percent-encoded arrives as a space.
  const at = parseInstant(text.replace(' ', '+'));
  if (at === null) throw problem(400, 'BAD_AT', `at must be ${instantRule}.`);
  return at;
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** `GET /on-call?at=`: who is on call by each schedule now, or at a time, and who is next. Contacts are keys. */
export const onCall: FastifyPluginAsyncTypebox<Options> = async (scope, { escalation, clock }) => {
  const onRequest = [scope.limits.reads, scope.shed];
  scope.get('/on-call', { onRequest, schema: { querystring: Query } }, async ({ query: { at } }) => {
    const time = at === undefined ? clock() : instantFrom(at);
    const rows = Object.entries(escalation.current().schedules ?? {}).map(([name, schedule]) => {
      const { now, next } = onCallAt(schedule, time);
      const row = { now: now.contact, until: iso(now.until), next: next?.contact ?? null, override: now.isOverride };
      return [name, row] as const;
    });
    return { schedules: Object.fromEntries(rows) };
  });
};
