import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';
import { styleSource } from '../home-page.js';

const none = ["'none'"];
/** Half a year. */
const transportSecurityS = 15_552_000;

/**
 * Security headers: a browser may only show the page at `/`. After https it uses https for this host, but not for subdomains, which
 * may belong to other services.
 */
export const headers = fp<{ publicUrl: string }>(
  async (app, { publicUrl }) => {
    await app.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: none,
          styleSrc: [styleSource],
          baseUri: none,
          formAction: none,
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
