/** What people sign in to, and what they see first: the sign-in, the overview and the page of health, which share the provider and the alarms. */
import type { FastifyPluginAsync } from 'fastify';
import type { PeopleSignIn } from '../../config/people-sign-in.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { createHealthReport } from '../health/health-report.js';
import { createIdentityProvider } from '../sign-in/identity-provider.js';
import { createPresentAlarms } from '../health/present-alarms.js';
import type { PublicAddress } from '../public-address.js';
import type { WorkersState } from '../health/workers-state.js';
import { healthPageRoutes } from './health-page.js';
import { templateStates, webhookStates } from '../../workflows/background-contract.js';
import { createOutsideState } from '../health/outside-state.js';
import { version } from '../version.js';
import { createReadByWorker } from '../worker-reads.js';
import { home } from './home.js';
import { signIn } from './sign-in.js';
import { signInProvider } from './sign-in-provider.js';

interface Options {
  address: PublicAddress;
  apiToken: string;
  /** Absent: people sign in by the API token alone. */
  settings: PeopleSignIn | undefined;
  /** More links for the overview: name → absolute address. */
  links: Readonly<Record<string, string>>;
  indexed: () => Promise<boolean>;
  escalation: EscalationSource;
  workers: (() => WorkersState) | undefined;
  clock: () => number;
}

export const operators: FastifyPluginAsync<Options> = async (scope, options) => {
  const { address, apiToken, settings, links, indexed, escalation, workers, clock } = options;
  const { temporal, log } = scope;
  const provider =
    settings === undefined
      ? null
      : createIdentityProvider({ settings, publicUrl: address.base, secret: apiToken, log, clock });
  const alarms = createPresentAlarms({ temporal, log, indexed, escalation, workers, provider, clock });
  const readByWorker = createReadByWorker(temporal, clock);
  const template = createOutsideState(readByWorker, 'readTemplate', templateStates, clock);
  const webhooks = createOutsideState(readByWorker, 'readWebhooks', webhookStates, clock);
  const report = createHealthReport({
    version: version(),
    temporal,
    escalation,
    alarms,
    template,
    webhooks,
    workers,
    clock,
  });
  await scope.register(signIn, { apiToken, address, provider });
  if (provider) await scope.register(signInProvider, { address, provider });
  await scope.register(home, { address, links, indexed, alarms, apiToken, clock });
  await scope.register(healthPageRoutes, { report, escalation, address, clock });
};
