/** Which sessions were ended before their time: what Temporal keeps of it, read again every few seconds, and what this process ended itself. */
import type { Client } from '@temporalio/client';
import { endSessions, readEndedSessions } from '../../temporal/ended-sessions.js';
import { second } from '../../workflows/contract.js';
import { isEnded, sessionMs, type EndSignal } from '../../workflows/sessions-contract.js';
import { cached } from '../cached.js';
import type { TemporalGateway } from '../temporal-gateway.js';

/** So long may a session that another process ended still count. */
const maxAgeMs = 5 * second;

interface SessionOfPerson {
  id: string;
  /** A keyed hash. */
  person: string;
  begunAt: number;
}

export interface EndedSessionsOfApi {
  /** Throws `temporalUnavailable`: what cannot be looked up may have been ended. */
  has: (session: SessionOfPerson) => Promise<boolean>;
  /** Durable when it resolves, and in force here at once. Throws `temporalUnavailable`. */
  end: (signal: EndSignal) => Promise<void>;
}

export function createEndedSessions({ request, timeouts }: TemporalGateway, clock: () => number): EndedSessionsOfApi {
  /** Until a worker has seen them and the memo has them. */
  let own: { signal: EndSignal; at: number }[] = [];
  const read = cached(() => request(timeouts.readTimeoutMs, readEndedSessions), maxAgeMs, clock);

  const endedHere = (session: SessionOfPerson): boolean =>
    own.some(({ signal }) =>
      signal.what === 'session'
        ? signal.id === session.id
        : signal.person === session.person && session.begunAt < signal.before,
    );

  return {
    has: async (session) => endedHere(session) || isEnded(await read(), session),
    async end(signal) {
      await request(timeouts.readTimeoutMs, (client: Client) => endSessions(client, signal));
      const now = clock();
      own = [...own.filter(({ at }) => at + sessionMs > now), { signal, at: now }];
    },
  };
}
