import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import fp from 'fastify-plugin';
import type { FastifyRequest } from 'fastify';
import { minute } from '../../workflows/contract.js';
import { problem, type Problem } from '../problem.js';

/** How many requests one address may make in a minute. */
export interface Rates {
  /** On each route, without the right credential. With it, requests of Tableau, of Twilio and with answers are not counted. */
  refused: number;
  /** `GET /`, whose result is cached. */
  home: number;
  /** `GET /incidents…` with the token: against a script that loops, not against many scripts that wait. */
  reads: number;
}

export const defaultRates: Rates = { refused: 1_200, home: 6_000, reads: 30_000 };

type Guarded = 'notifier' | 'twilio' | 'incidents' | 'links';

export interface Limits {
  /**
   * The error for a request without the right credential: `refusal`, or 429 once its address was refused too often on this
   * route. Called after the credential was found wrong, so that a flood never shuts out others behind the same proxy.
   */
  refusing: (route: Guarded, request: FastifyRequest, refusal: Problem) => Promise<Problem>;
  /** A hook that counts every request. */
  home: (request: FastifyRequest) => Promise<void>;
  reads: (request: FastifyRequest) => Promise<void>;
}

declare module 'fastify' {
  interface FastifyInstance {
    limits: Limits;
  }
}

/** The key of an address: IPv6 by its /64. A proxy may pass on any text of any length. */
const addressOf = ({ ip = '' }: { ip?: string }): string => normalizeIP(ip.slice(0, 64).replace(/%.*$/, ''));

const tooMany = (seconds: number): Problem =>
  problem(429, 'TOO_MANY_REQUESTS', `Too many requests. Try again in ${seconds} s.`, {
    headers: { 'retry-after': String(seconds), connection: 'close' },
  });

export const limits = fp<{ rates: Rates }>(
  async (app, { rates }) => {
    await app.register(rateLimit, { global: false, timeWindow: minute, keyGenerator: addressOf });

    const counter = (max: number) => {
      const count = app.createRateLimit({ max });
      return async (request: FastifyRequest): Promise<Problem | null> => {
        const found = await count(request);
        return !found.isAllowed && found.isExceeded ? tooMany(found.ttlInSeconds) : null;
      };
    };
    const counted = (max: number) => {
      const exceeded = counter(max);
      return async (request: FastifyRequest): Promise<void> => {
        const refusal = await exceeded(request);
        if (refusal !== null) throw refusal;
      };
    };
    const refused = {
      notifier: counter(rates.refused),
      twilio: counter(rates.refused),
      incidents: counter(rates.refused),
      links: counter(rates.refused),
    };
    app.decorate('limits', {
      refusing: async (route, request, refusal) => (await refused[route](request)) ?? refusal,
      home: counted(rates.home),
      reads: counted(rates.reads),
    });
  },
  { name: 'limits', dependencies: ['errors'] },
);
