import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';

const none = ["'none'"];
const self = ["'self'"];
/** Half a year. */
const transportSecurityS = 15_552_000;

/**
 * Security headers: pages load nothing but our own style and script, hold no inline script and send forms to us alone. After https it uses https for this host, but not for subdomains, which
 * may belong to other services.
 */
export const headers = fp<{ publicUrl: string }>(
  async (app, { publicUrl }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: none,
          styleSrc: self,
          scriptSrc: self,
          connectSrc: self,
          imgSrc: [...self, 'data:'],
          baseUri: none,
          formAction: self,
          frameAncestors: none,
        },
      },
      frameguard: { action: 'deny' },
      referrerPolicy: { policy: 'no-referrer' },
      strictTransportSecurity: publicUrl.startsWith('https:') && {
        maxAge: transportSecurityS,
        includeSubDomains: false,
      },
    });
  },
  { name: 'headers' },
);
