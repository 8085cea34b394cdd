/** All alarms that there are now, for `GET /` and `GET /health`: of Temporal's workflows, of this process, and of what it reads. */
import type { Client } from '@temporalio/client';
import type { FastifyBaseLogger } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import type { KnownAlarm } from './alarm.js';
import { alarmsOf } from './workflow-alarms.js';
import { cached } from '../cached.js';
import type { IdentityProvider } from '../sign-in/identity-provider.js';
import type { WorkersState } from './workers-state.js';
import { sourceAlarms } from './source-alarms.js';
import type { TemporalGateway } from '../temporal-gateway.js';
import { workersElsewhere } from './workers-elsewhere.js';

export interface PresentAlarmsOptions {
  temporal: TemporalGateway;
  log: FastifyBaseLogger;
  indexed: () => Promise<boolean>;
  escalation: EscalationSource;
  /** Those of the same process, where there are any. */
  workers?: (() => WorkersState) | undefined;
  provider: IdentityProvider | null;
  clock: () => number;
}

const noWorkers: KnownAlarm = {
  code: 'no-workers',
  message: 'No worker polls for tasks: events are kept, and nobody is paged until one does.',
};
const temporalUnavailable: KnownAlarm = {
  code: 'temporal-unavailable',
  message: 'Temporal does not answer: new events are refused until it does.',
};
const workersNotBegun: KnownAlarm = {
  code: 'workers-not-begun',
  message: 'The workers have not begun: nobody is paged yet.',
};
const providerMessage =
  'The identity provider does not answer, does not say where people sign in, or does not accept this service: people can sign in to the pages by the API token alone.';

function ofOwnWorkers(own: WorkersState | undefined): KnownAlarm[] {
  if (own?.begun === false) return [workersNotBegun];
  return own?.areStuck ? [noWorkers] : [];
}

/** A result of Temporal is reused for this long. */
const maxAgeMs = 3_000;

export function createPresentAlarms(options: PresentAlarmsOptions): () => Promise<KnownAlarm[]> {
  const { temporal, log, indexed, escalation, workers, provider, clock } = options;

  async function readAll(client: Client): Promise<KnownAlarm[]> {
    const [found, working] = await Promise.all([
      alarmsOf(client, await indexed(), escalation.current(), clock()),
      workers !== undefined || workersElsewhere(client, clock()),
    ]);
    return working ? found : [noWorkers, ...found];
  }
  const ofTemporal = cached(
    () =>
      temporal.request(temporal.timeouts.readyTimeoutMs, readAll).catch((err: unknown) => {
        log.warn({ err }, 'the alarms cannot be read from Temporal');
        return [temporalUnavailable];
      }),
    maxAgeMs,
    clock,
  );

  function ofProvider(): KnownAlarm[] {
    const since = provider?.unavailableSince() ?? null;
    if (since === null) return [];
    return [{ code: 'sign-in-provider', message: providerMessage, since: new Date(since).toISOString() }];
  }

  return async () => [
    ...sourceAlarms(escalation),
    ...(await ofTemporal()),
    ...ofProvider(),
    ...ofOwnWorkers(workers?.()),
  ];
}
