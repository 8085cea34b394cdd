/** An identity provider (OpenID Connect) as a process of its own. Its settings are in IDENTITY_PROVIDER; it prints "listening" when it does, and each read of user info. */
import { Provider } from 'oidc-provider';
import type { IdentityProviderSettings } from './identity-provider.js';

const { port, clientId, clientSecret, redirectUri, accounts, idTokens }: IdentityProviderSettings = JSON.parse(
  process.env['IDENTITY_PROVIDER'] ?? '{}',
);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  scopes: ['openid', 'groups'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
  conformIdTokenClaims: !idTokens,
  cookies: { keys: ['for the cookies of tests alone'] },
  // Whoever gives the name of an account in the form is that account.
  findAccount: (_context, sub) => {
    const claims = accounts[sub];
    return claims && { accountId: sub, claims: () => ({ sub, ...claims }) };
  },
  // Nobody is asked for consent.
  async loadExistingGrant(context) {
    const { client, session } = context.oidc;
    const grant = new provider.Grant({ clientId: client?.clientId ?? '', accountId: session?.accountId ?? '' });
    grant.addOIDCScope('openid email profile groups');
    await grant.save();
    return grant;
  },
});
// What tests count.
provider.use(async ({ path }, next) => {
  if (path === '/me') process.stdout.write('user info read\n');
  await next();
});
provider.listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
