import formBody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { authorProblem } from '../../policy/author.js';
import type { IdentityProvider } from '../sign-in/identity-provider.js';
import { ownPath } from '../sign-in/own-path.js';
import { signInPage } from '../pages/sign-in-page.js';
import { problem } from '../problem.js';
import type { PublicAddress } from '../public-address.js';
import { isOneOf } from '../secrets.js';

interface Options {
  apiToken: string;
  address: PublicAddress;
  provider: IdentityProvider | null;
}

const To = Type.Optional(Type.String({ maxLength: 2048 }));
const Query = Type.Object({ to: To });
const Csrf = Type.Optional(Type.String({ maxLength: 256 }));
const Body = Type.Object({
  token: Type.String({ maxLength: 1024 }),
  name: Type.String({ maxLength: 256 }),
  to: To,
  _csrf: Csrf,
});

const refused = () => problem(401, 'BAD_TOKEN', 'This is not the API token.');

/** `GET` and `POST /sign-in`, by the API token; `POST /sign-out`. */
export const signIn: FastifyPluginAsyncTypebox<Options> = async (
  scope,
  { apiToken, address: { prefix }, provider },
) => {
  await scope.register(formBody);

  scope.get(
    '/sign-in',
    { onRequest: [scope.limits.home, scope.shed], schema: { querystring: Query } },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
      return signInPage({
        prefix,
        to: ownPath(request.query.to),
        csrf: reply.generateCsrf(),
        provider: stateOf(provider),
      });
    },
  );

  scope.post('/sign-in', { preHandler: scope.checksForm, schema: { body: Body } }, async (request, reply) => {
    const { token, to } = request.body;
    const name = request.body.name.trim();
    void reply.header('cache-control', 'no-store');
    const show = (text: string) => {
      void reply.type('text/html; charset=utf-8');
      const page = { prefix, to: ownPath(to), csrf: reply.generateCsrf(), provider: stateOf(provider), name };
      return signInPage({ ...page, notice: { kind: 'wrong', text } });
    };
    if (!isOneOf(token.trim(), [apiToken])) {
      const refusal = await scope.limits.refusing('incidents', request, refused());
      return reply.code(refusal.statusCode).headers(refusal.headers).send(show(refusal.message));
    }
    const wrong = authorProblem(name);
    if (wrong !== null) return reply.code(400).send(show(wrong.replaceAll(/\bby\b/g, 'Your name')));
    await scope.access.beginSession(reply, { via: 'token', name });
    request.log.info({ via: 'token' }, 'signed in');
    return reply.redirect(`${prefix}${ownPath(to)}`, 303);
  });

  scope.post(
    '/sign-out',
    { preHandler: scope.checksForm, schema: { body: Type.Object({ _csrf: Csrf }) } },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store');
      await scope.access.endSession(request, reply);
      return reply.redirect(`${prefix}/sign-in`, 303);
    },
  );
};

const stateOf = (provider: IdentityProvider | null) =>
  provider && { host: provider.host, works: provider.unavailableSince() === null };
