import { randomUUID } from 'node:crypto';
import formBody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { EscalationSource } from '../../policy/escalation-source.js';
import type { Escalation } from '../../policy/route.js';
import { channelWord } from '../../workflows/channels.js';
import { channels, type Channel } from '../../workflows/contract.js';
import { hashOf } from '../content-hash.js';
import type { HealthReport } from '../health/health-report.js';
import { showHealth } from '../operations/service.js';
import { healthPage } from '../pages/health-page.js';
import type { Frame } from '../pages/layout.js';
import { wantsHtml } from '../pages/wanted.js';
import { mayAct } from '../sign-in/person.js';
import { problem } from '../problem.js';
import type { PublicAddress } from '../public-address.js';
import type { PersonId } from '../sign-in/sessions.js';
import { createTestPages } from '../health/test-pages.js';

interface Options {
  report: () => Promise<HealthReport>;
  escalation: EscalationSource;
  address: PublicAddress;
  clock: () => number;
}

const AnyChannel = Type.Enum([...channels]);
const Contact = Type.String({ maxLength: 64 });
const Query = Type.Object({
  sent: Type.Optional(Contact),
  by: Type.Optional(AnyChannel),
  ended: Type.Optional(Type.String({ maxLength: 8 })),
});
const Csrf = Type.Optional(Type.String({ maxLength: 256 }));
const TestPage = Type.Object({
  id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
  contact: Contact,
  channel: AnyChannel,
  _csrf: Csrf,
});
const EndSessions = Type.Object({ who: Type.String({ maxLength: 254 }), _csrf: Csrf });
const Seen = Type.Object({ seen: Type.Optional(Type.String({ maxLength: 64 })) });

/** Everybody whom a name in any case can mean: the addresses of a contact, an address, or whoever gave that name with the API token. */
function peopleCalled(who: string, { owners = {} }: Escalation): PersonId[] {
  const contact = who.toLowerCase();
  const addresses = Object.keys(owners).filter((name) => owners[name] === contact);
  return [{ via: 'token', id: who }, ...[who, ...addresses].map((id) => ({ via: 'oidc' as const, id }))];
}

/** `GET /health`: alarms with what to do, how contacts are reached, and for admins test pages and the end of sessions. */
export const healthPageRoutes: FastifyPluginAsyncTypebox<Options> = async (scope, options) => {
  const { report, escalation, address, clock } = options;
  const { prefix } = address;
  const { host } = new URL(address.base);
  await scope.register(formBody);
  const sendTestPage = createTestPages({ temporal: scope.temporal, escalation: escalation.current, host, clock });
  const onRequest = [scope.limits.reads, scope.shed, scope.requires('viewer')];
  const toHealth = (query: Record<string, string>): string =>
    `${prefix}/health?${new URLSearchParams(query).toString()}`;

  /** Of the address that a form has led to: only what we say ourselves. */
  function noticeOf({ sent, by, ended }: { sent?: string; by?: Channel; ended?: string }) {
    const done = (text: string): { notice: NonNullable<Frame['notice']> } => ({ notice: { kind: 'done', text } });
    if (ended !== undefined) return done('Their sessions have ended, everywhere within some seconds.');
    if (sent === undefined || by === undefined || !Object.hasOwn(escalation.current().contacts, sent)) return {};
    return done(
      `A test to ${sent} by ${channelWord(by)} is recorded and leaves as soon as their limits allow. If nothing comes, look at the alarms.`,
    );
  }

  scope.get('/health', { onRequest, schema: { ...showHealth, querystring: Query } }, async (request, reply) => {
    const found = await report();
    void reply.headers({ 'cache-control': 'no-store', vary: 'accept, cookie' });
    const { person } = request;
    if (!wantsHtml(request) || person === null) return found;
    void reply.type('text/html; charset=utf-8');
    return healthPage({
      report: found,
      prefix,
      navigation: { current: '/health', person: person.name, csrf: reply.generateCsrf() },
      live: `${prefix}/live/health?seen=${hashOf(found)}`,
      clock: { now: clock(), zone: person.zone },
      isAdmin: mayAct(person, 'admin'),
      newId: randomUUID,
      ...noticeOf(request.query),
    });
  });

  const topic = { key: 'health', read: async () => hashOf(await report()) };
  scope.get(
    '/live/health',
    { onRequest: scope.requires('viewer'), schema: { querystring: Seen } },
    async (request, reply) => scope.live(request, reply, topic, request.query.seen ?? ''),
  );

  const form = { onRequest: scope.requires('admin'), preHandler: scope.checksForm };
  scope.post('/health/test-page', { ...form, schema: { body: TestPage } }, async (request, reply) => {
    const { id, contact, channel } = request.body;
    await sendTestPage({ id, contact, channel });
    request.log.info({ contact, channel }, 'test page requested');
    return reply.redirect(toHealth({ sent: contact, by: channel }), 303);
  });

  scope.post('/health/end-sessions', { ...form, schema: { body: EndSessions } }, async (request, reply) => {
    const who = request.body.who.trim();
    if (who === '') throw problem(400, 'BAD_WHO', 'who must be a contact key, an e-mail address or a name.');
    await scope.access.endSessionsOf(peopleCalled(who, escalation.current()));
    request.log.info('sessions of a person were ended');
    return reply.redirect(toHealth({ ended: 'yes' }), 303);
  });
};
