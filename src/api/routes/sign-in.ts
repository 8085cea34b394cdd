import formBody from '@fastify/formbody';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { authorProblem } from '../../policy/author.js';
import { problem } from '../plugins/errors.js';
import { signInPage } from '../pages/sign-in-page.js';
import { isOneOf } from '../secrets.js';

interface Options {
  apiToken: string;
  prefix: string;
}

const Query = Type.Object({ to: Type.Optional(Type.String({ maxLength: 2048 })) });
const Body = Type.Object({
  token: Type.String({ maxLength: 1024 }),
  name: Type.String({ maxLength: 256 }),
  to: Type.Optional(Type.String({ maxLength: 2048 })),
  _csrf: Type.Optional(Type.String()),
});

/** A path of ours to go to, never another host: `//host` and `/\host` are addresses of others to a browser. */
const ownPath = (to: string | undefined): string => (to !== undefined && /^\/(?![/\\])/.test(to) ? to : '/');

const refused = () => problem(401, 'BAD_TOKEN', 'This is not the API token.');

/** `GET` and `POST /sign-in`, by the API token; `POST /sign-out`. */
export const signIn: FastifyPluginAsyncTypebox<Options> = async (scope, { apiToken, prefix }) => {
  await scope.register(formBody);
  const { name: cookieName, options } = scope.sessionCookie;

  scope.get(
    '/sign-in',
    { onRequest: [scope.limits.home, scope.shed], schema: { querystring: Query } },
    async (request, reply) => {
      void reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
      return signInPage({ prefix, to: ownPath(request.query.to), csrf: reply.generateCsrf() });
    },
  );

  scope.post('/sign-in', { preHandler: scope.checksForm, schema: { body: Body } }, async (request, reply) => {
    const { token, name, to } = request.body;
    const show = (wrong: string) =>
      signInPage({ prefix, to: ownPath(to), csrf: reply.generateCsrf(), name, notice: { kind: 'wrong', text: wrong } });
    void reply.header('cache-control', 'no-store').type('text/html; charset=utf-8');
    if (!isOneOf(token.trim(), [apiToken])) {
      const refusal = await scope.limits.refusing('incidents', request, refused());
      return reply.code(refusal.statusCode).send(show(refusal.message));
    }
    const wrong = authorProblem(name.trim());
    if (wrong !== null) return reply.code(400).send(show(wrong.replace(/^by\b/, 'Your name')));
    void reply.setCookie(cookieName, await scope.sessions.begin({ via: 'token', name: name.trim() }), options);
    return reply.redirect(`${prefix}${ownPath(to)}`, 303);
  });

  scope.post(
    '/sign-out',
    { preHandler: scope.checksForm, schema: { body: Type.Object({ _csrf: Type.Optional(Type.String()) }) } },
    async (_request, reply) => {
      void reply.clearCookie(cookieName, options);
      return reply.redirect(`${prefix}/sign-in`, 303);
    },
  );
};
