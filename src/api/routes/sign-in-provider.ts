import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { IdentityProvider } from '../sign-in/identity-provider.js';
import { ownPath } from '../sign-in/own-path.js';
import type { PublicAddress } from '../public-address.js';
import { flowMs } from '../sign-in/flows.js';
import { noAccess } from '../sign-in/problems.js';

interface Options {
  address: PublicAddress;
  provider: IdentityProvider;
}

const Query = Type.Object({ to: Type.Optional(Type.String({ maxLength: 2048 })) });

/**
 * `GET /sign-in/start` leads to the identity provider, `GET /sign-in/callback` is where it leads back to. Links and no forms: browsers refuse
 * a redirect of a form to another host by our content security policy.
 */
export const signInProvider: FastifyPluginAsyncTypebox<Options> = async (scope, { address: { prefix }, provider }) => {
  const onRequest = [scope.limits.home, scope.shed];
  const { name: cookieName, options } = scope.access.cookie('sign-in');

  scope.get('/sign-in/start', { onRequest, schema: { querystring: Query } }, async (request, reply) => {
    const { address, flow } = await provider.begin(ownPath(request.query.to));
    void reply.header('cache-control', 'no-store').setCookie(cookieName, flow, { ...options, maxAge: flowMs / 1_000 });
    return reply.redirect(address, 303);
  });

  scope.get('/sign-in/callback', { onRequest }, async (request, reply) => {
    const { search } = new URL(request.url, 'http://here.invalid');
    void reply.header('cache-control', 'no-store').clearCookie(cookieName, options);
    const { person, to } = await provider.finish(search, request.cookies[cookieName]);
    const known = scope.access.personOf(person);
    if (known === null) throw noAccess();
    await scope.access.beginSession(reply, person);
    request.log.info({ via: 'oidc', access: known.access }, 'signed in');
    return reply.redirect(`${prefix}${ownPath(to)}`, 303);
  });

  const stop = provider.watch();
  scope.addHook('onClose', async () => stop());
};
