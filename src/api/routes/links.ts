import { randomBytes } from 'node:crypto';
import formBody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { linkPath } from '../../links/links.js';
import { createLinkTokens } from '../../links/token.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { timezoneOf } from '../../policy/timezone-of.js';
import { readIncident } from '../../temporal/read-incident.js';
import { canBeRefreshed } from '../../workflows/contract.js';
import { isMissing } from '../../workflows/words.js';
import { hashOf } from '../content-hash.js';
import type { Intake } from '../intake.js';
import { answerIdOf, answerOf, linkVerbs, othersOf, ownerToTell, snoozeTimes } from '../link-answers.js';
import { createBackgrounds } from '../item-background.js';
import type { Topic } from '../live-watch.js';
import { createOpenLink, type OpenedIncident, type OpenedList } from '../opened-link.js';
import { background } from '../pages/refreshes.js';
import { linkListPage, refusedLinkPage, type RefusedLink } from '../pages/link-list-page.js';
import { linkPage, resultText } from '../pages/link-page.js';
import { problem, shown } from '../plugins/errors.js';
import type { PublicAddress } from '../public-address.js';
import { createTakeAnswer } from '../take-answer.js';

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
const Query = Type.Object({ answer: Type.Optional(nonce) });
const EventsQuery = Type.Object({ seen: Type.Optional(Type.String({ maxLength: 64 })) });
const Body = Type.Object({
  verb: Type.Enum([...linkVerbs]),
  nonce,
  for: Type.Optional(Type.Enum([...snoozeTimes])),
  to: Type.Optional(Type.String({ maxLength: 64 })),
  _csrf: Type.Optional(Type.String()),
});

const deadLink = () => problem(404, 'DEAD_LINK', 'This link opens nothing, or nothing any more.');
const badForm = () => problem(400, 'BAD_FORM', 'The form cannot be read.');

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
  const pathOf = (token: string): string => `${linkPath}${token}`;

  scope.setErrorHandler((error, request, reply) => {
    const { statusCode, code, message, headers } = shown(error);
    if (statusCode === 500) request.log.error({ err: error, route: request.routeOptions.url }, 'request failed');
    void reply.code(statusCode).headers(headers);
    return sendPage(reply, refusedLinkPage({ prefix, ...refusalFor(code, message, request) }));
  });
  scope.addHook('onRequest', scope.limits.home);

  async function open(request: FastifyRequest, token: string): Promise<OpenedIncident | OpenedList> {
    const opened = await openLink(token);
    if (opened === null) throw await scope.limits.refusing('links', request, deadLink());
    return opened;
  }

  /** What a page shows, of a moment and by the reader's clock. */
  const clockFor = (contact: string) => ({ now: clock(), zone: timezoneOf(escalation.current(), contact) });

  async function incidentPage(
    opened: OpenedIncident,
    token: string,
    csrf: string,
    answer: string | undefined,
  ): Promise<string> {
    const { contact, view, answers } = opened;
    const isKnowable = canBeRefreshed(view.item);
    const known = isKnowable
      ? await backgrounds.read({ item: view.item, since: Date.parse(view.lastFailedAt) }, backgroundWaitMs)
      : null;
    const at = clockFor(contact);
    const result = answer === undefined ? undefined : (answers[answerIdOf(answer)] ?? null);
    const text = result === undefined ? null : resultText(result, { contact, view, clock: at });
    return linkPage({
      prefix,
      path: pathOf(token),
      contact,
      view,
      clock: at,
      csrf,
      nonce: randomBytes(16).toString('base64url'),
      others: othersOf(escalation.current(), contact),
      owner: ownerToTell(escalation.current(), contact, view.ownerRole),
      seen: hashOf([view, known ?? null]),
      more: isKnowable ? background(known, { isMissing: isMissing(view), clock: at }) : null,
      notice: text === null ? undefined : { kind: 'done', text },
    });
  }

  const listPage = ({ contact, items, isCut }: OpenedList): string =>
    linkListPage({
      prefix,
      contact,
      isCut,
      clock: clockFor(contact),
      rows: items.map(({ target, view }) => ({
        address: `${prefix}${pathOf(tokens.write(contact, target))}`,
        number: target.number,
        view,
      })),
    });

  scope.get(
    '/i/:token',
    { onRequest: scope.shed, schema: { params: Params, querystring: Query } },
    async (request, reply) => {
      const { token } = request.params;
      const opened = await open(request, token);
      if (opened.kind === 'list') return sendPage(reply, listPage(opened));
      return sendPage(reply, await incidentPage(opened, token, reply.generateCsrf(), request.query.answer));
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
      if (opened.kind === 'list') throw badForm();
      const { contact, target, view } = opened;
      const { zone, now } = clockFor(contact);
      const answer = answerOf(request.body, {
        contact,
        episode: target.episode,
        zone,
        now,
        escalation: escalation.current(),
        owner: view.ownerRole,
      });
      if (answer === null) throw badForm();
      await takeAnswer(target.incident, answer);
      return reply.redirect(`${prefix}${pathOf(token)}?answer=${request.body.nonce}`, 303);
    },
  );

  /** Every dead link gets the same words, whatever is wrong with it. */
  function refusalFor(code: string, message: string, request: FastifyRequest): Omit<RefusedLink, 'prefix'> {
    const back = Value.Check(Params, request.params)
      ? { back: `${prefix}${pathOf(encodeURIComponent(request.params.token))}` }
      : {};
    if (code === 'DEAD_LINK') return deadLinkPage;
    if (code === 'TEMPORAL_UNAVAILABLE') return { ...(request.method === 'POST' ? notRecorded : notKnown), ...back };
    if (code.startsWith('FST_CSRF_')) return { ...outdated, ...back };
    return { title: 'This did not work', text: message, hints: [replying], ...back };
  }
};

const replying = 'Or reply to the message: ACK takes it, DONE marks it as fixed, LIST shows what is open.';

const deadLinkPage = {
  title: 'This link opens nothing',
  text: 'It was cut off or changed, or it has ended: a link works for the contact who received it, until a day after its alert is over.',
  hints: ['Open the link of the newest message.', 'Reply LIST to the number that sent it: it shows what is open.'],
};
const notRecorded = {
  title: 'Not recorded',
  text: 'The service cannot store anything at present. Your answer was not recorded.',
  hints: ['Go back and press the button again in a minute.', replying],
};
const notKnown = {
  title: 'Not known now',
  text: 'The service cannot find out at present how this stands. Pages are not lost: they go out as soon as it can.',
  hints: ['Load this page again in a minute.', replying],
};
const outdated = {
  title: 'Nothing was recorded',
  text: 'The form did not come from this page as it was opened in this browser, which must allow cookies.',
  hints: ['Open the page again, and press the button there.', replying],
};

const sendPage = (answer: FastifyReply, text: string): FastifyReply =>
  answer.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(text);
