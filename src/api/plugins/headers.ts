import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';
import { styleSource } from '../home-page.js';

const none = ["'none'"];
const halfAYear = 15_552_000;

/**
 * What a browser may do with our answers: nothing, but show the one page. A browser that came by https has to stay there, this
 * host only: others may live beside us.
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
      strictTransportSecurity: publicUrl.startsWith('https:') && { maxAge: halfAYear, includeSubDomains: false },
    });
  },
  { name: 'headers' },
);
