import { randomBytes } from 'node:crypto';
import formBody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { linkPath } from '../../links/links.js';
import { createLinkTokens } from '../../links/token.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { timezoneOf } from '../../policy/timezone-of.js';
import { readIncident } from '../../temporal/read-incident.js';
import { canBeRefreshed } from '../../workflows/contract.js';
import type { IncidentView } from '../../workflows/view-contract.js';
import { isMissing } from '../../workflows/words.js';
import { somebodyElse, withNames } from '../incidents/answerers.js';
import { hashOf } from '../content-hash.js';
import { named } from '../incidents/view.js';
import type { Intake } from '../intake/intake.js';
import {
  answerIdOf,
  answerOf,
  linkVerbs,
  othersOf,
  ownerToTell,
  pressedOf,
  snoozeTimes,
} from '../links/link-answers.js';
import { createBackgrounds } from '../incidents/item-background.js';
import type { Topic } from '../live/watch.js';
import { createOpenLink, type OpenedIncident, type OpenedList } from '../links/opened-link.js';
import { background } from '../pages/refreshes.js';
import { linkListPage, recordedText } from '../pages/link-list-page.js';
import { linkPage, resultText } from '../pages/link-page.js';
import { refusedLinkPage } from '../pages/refused-link-page.js';
import { problem, shown } from '../problem.js';
import type { PublicAddress } from '../public-address.js';
import { createTakeAll } from '../links/take-all.js';
import { createTakeAnswer } from '../incidents/take-answer.js';
import { isTemporalUnavailable } from '../temporal-errors.js';

interface Options {
  /** What the tokens derive from. */
  linkSecret: string;
  escalation: EscalationSource;
  intake: Intake;
  address: PublicAddress;
  clock: () => number;
}

const nonce = Type.String({ pattern: '^[\\w-]{22}$' });
const Params = Type.Object({ token: Type.String() });
/** Which button was pressed, and the nonce of its page. */
const Query = Type.Object({
  answer: Type.Optional(nonce),
  pressed: Type.Optional(Type.String({ pattern: '^[\\w-]{1,16}(:[\\w-]{1,64})?$' })),
});
type Query = Static<typeof Query>;
const EventsQuery = Type.Object({ seen: Type.Optional(Type.String({ maxLength: 64 })) });
const Body = Type.Object({
  verb: Type.Enum([...linkVerbs]),
  nonce,
  for: Type.Optional(Type.Enum([...snoozeTimes])),
  to: Type.Optional(Type.String({ maxLength: 64 })),
  _csrf: Type.Optional(Type.String()),
});

const deadLink = () => problem(404, 'DEAD_LINK', 'This link opens nothing, or nothing any more.');
const notOffered = () => problem(400, 'NOT_OFFERED', 'The page does not offer this, or not any more.');

/** For what only Tableau knows. An open page gets it later as well. */
const backgroundWaitMs = 250;

/**
 * `GET /i/<token>`: the page of a link, which shows and changes nothing, whoever follows it. `POST`: the answer of a button, from a form of that page
 * alone. `GET /i/<token>/events` says when it has changed.
 */
export const links: FastifyPluginAsyncTypebox<Options> = async (scope, options) => {
  const { linkSecret, escalation, intake, address, clock } = options;
  const { prefix } = address;
  const { temporal } = scope;
  await scope.register(formBody);
  const tokens = createLinkTokens(linkSecret);
  const openLink = createOpenLink({ tokens, temporal, escalation, clock });
  const backgrounds = createBackgrounds({ temporal, clock });
  const takeAnswer = createTakeAnswer({ temporal, intake, log: scope.log });
  const all = createTakeAll({ temporal, escalation, clock, log: scope.log });
  const pathOf = (token: string): string => `${linkPath}${token}`;

  scope.setErrorHandler((error, request, reply) => {
    const { statusCode, code, message, headers } = shown(error);
    if (statusCode === 500) request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    void reply.code(statusCode).headers(headers);
    const back = Value.Check(Params, request.params)
      ? { back: `${prefix}${pathOf(encodeURIComponent(request.params.token))}` }
      : {};
    const isAnswer = request.method === 'POST';
    return sendPage(reply, refusedLinkPage({ prefix, statusCode, code, message, isAnswer, ...back }));
  });
  scope.addHook('onRequest', scope.limits.home);

  async function open(request: FastifyRequest, token: string): Promise<OpenedIncident | OpenedList> {
    const opened = await openLink(token);
    if (opened === null) throw await scope.limits.refusing('links', request, deadLink());
    return opened;
  }

  /** What a page shows, of a moment and by the reader's clock. */
  const clockFor = (contact: string) => ({ now: clock(), zone: timezoneOf(escalation.current(), contact) });

  /** With names as messages have them. A page without them is better than none. */
  async function withAnswerers(view: IncidentView): Promise<IncidentView> {
    try {
      return await named(temporal, view, somebodyElse);
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
      scope.log.warn({ err: error, incident: view.id }, 'who answered cannot be read now');
      return withNames(view, null, somebodyElse);
    }
  }

  async function incidentPage(opened: OpenedIncident, token: string, csrf: string, query: Query): Promise<string> {
    const { contact, answers } = opened;
    const isKnowable = canBeRefreshed(opened.view.item);
    const [view, known] = await Promise.all([
      withAnswerers(opened.view),
      isKnowable
        ? backgrounds.read({ item: opened.view.item, since: Date.parse(opened.view.lastFailedAt) }, backgroundWaitMs)
        : null,
    ]);
    const at = clockFor(contact);
    const { answer, pressed = '' } = query;
    const result = answer === undefined ? undefined : (answers[answerIdOf(answer, pressed)] ?? null);
    const text = result === undefined ? null : resultText(result, { contact, view, clock: at });
    return linkPage({
      prefix,
      path: pathOf(token),
      contact,
      view,
      clock: at,
      csrf,
      nonce: newNonce(),
      others: othersOf(escalation.current(), contact),
      owner: ownerToTell(escalation.current(), contact, view.ownerRole),
      seen: hashOf([opened.view, known ?? null]),
      more: isKnowable ? background(known, { isMissing: isMissing(view), clock: at }) : null,
      notice: text === null ? undefined : { kind: 'done', text },
    });
  }

  async function listPage(
    { contact, items }: OpenedList,
    token: string,
    csrf: string,
    answer: string | undefined,
  ): Promise<string> {
    const text = answer === undefined ? undefined : ((await all.outcome(contact, answer)) ?? recordedText);
    return linkListPage({
      prefix,
      path: pathOf(token),
      contact,
      clock: clockFor(contact),
      csrf,
      nonce: newNonce(),
      notice: text === undefined ? undefined : { kind: 'done', text },
      rows: items.map(({ target, view }) => ({
        address: `${prefix}${pathOf(tokens.write(contact, target))}`,
        number: target.number,
        view: withNames(view, null, somebodyElse),
      })),
    });
  }

  scope.get(
    '/i/:token',
    { onRequest: scope.shed, schema: { params: Params, querystring: Query } },
    async (request, reply) => {
      const { token } = request.params;
      const opened = await open(request, token);
      const csrf = reply.generateCsrf();
      return sendPage(
        reply,
        opened.kind === 'list'
          ? await listPage(opened, token, csrf, request.query.answer)
          : await incidentPage(opened, token, csrf, request.query),
      );
    },
  );

  scope.get(
    '/i/:token/events',
    { onRequest: scope.shed, schema: { params: Params, querystring: EventsQuery } },
    async (request, reply) => {
      const opened = await open(request, request.params.token);
      if (opened.kind === 'list') throw deadLink();
      return scope.live(request, reply, topicOf(opened), request.query.seen ?? '');
    },
  );

  const topicOf = ({ target: { incident } }: OpenedIncident): Topic => ({
    key: `incident of links: ${incident}`,
    async read() {
      const view = await temporal.request(temporal.timeouts.readTimeoutMs, (connected) =>
        readIncident(connected, incident),
      );
      return view === null ? '' : hashOf([view, backgrounds.peek(view.item) ?? null]);
    },
  });

  scope.post(
    '/i/:token',
    { preHandler: scope.checksForm, schema: { params: Params, body: Body } },
    async (request, reply) => {
      const { token } = request.params;
      const opened = await open(request, token);
      const here = `${prefix}${pathOf(token)}`;
      const { nonce: answer, verb } = request.body;
      if (opened.kind === 'list') {
        if (verb !== 'acknowledge') throw notOffered();
        await all.take(opened.contact, answer);
        return reply.redirect(`${here}?answer=${answer}`, 303);
      }
      const { contact, target, view } = opened;
      const { zone, now } = clockFor(contact);
      const given = answerOf(request.body, {
        contact,
        episode: target.episode,
        zone,
        now,
        escalation: escalation.current(),
        owner: view.ownerRole,
      });
      if (given === null) throw notOffered();
      await takeAnswer(target.incident, given);
      return reply.redirect(`${here}?answer=${answer}&pressed=${pressedOf(request.body)}`, 303);
    },
  );
};

const newNonce = (): string => randomBytes(16).toString('base64url');

const sendPage = (answer: FastifyReply, text: string): FastifyReply =>
  answer.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(text);
