import formBody from '@fastify/formbody';
import type { FastifyPluginAsync } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { createIncidentPages } from './incident-pages.js';
import { createSnapshots } from '../incidents/snapshot.js';
import type { Intake } from '../intake/intake.js';
import { createBackgrounds } from '../incidents/item-background.js';
import { createOnCallEntries } from '../on-call/entries.js';
import { createOnCallPages } from './on-call-pages.js';
import type { PublicAddress } from '../public-address.js';
import { createHistoryReader } from '../history/read-history.js';
import { createTakeAnswer } from '../incidents/take-answer.js';
import { takerNamesIn } from '../incidents/taker-names.js';
import { answers } from './answers.js';
import { createFreshnessPage, liveFreshness } from './freshness-page.js';
import { freshness } from './freshness.js';
import { incidentAnswers } from './incident-answers.js';
import { incidents } from './incidents.js';
import { liveIncidents } from './live-incidents.js';
import { messages } from './messages.js';
import { onCallForms } from './on-call-forms.js';
import { onCall } from './on-call.js';
import { overrides } from './overrides.js';
import { report } from './report.js';
import { silences } from './silences.js';

interface Options {
  /** Whether the namespace has our search attributes. */
  indexed: () => Promise<boolean>;
  escalation: EscalationSource;
  intake: Intake;
  address: PublicAddress;
  apiToken: string;
  /** The list of workflows in Temporal's Web UI, where one is known. */
  webUi: string | null;
  clock: () => number;
}

/** Whoever is signed in may read; to answer, and to make overrides and silences, takes more. */
const accessFor = (method: string) => (method === 'GET' || method === 'HEAD' ? 'viewer' : 'responder');

/** What scripts use with the API token, and people who are signed in as pages and forms. */
export const signedIn: FastifyPluginAsync<Options> = async (scope, options) => {
  const { indexed, escalation, intake, address, apiToken, webUi, clock } = options;
  const { prefix } = address;
  const { temporal, draining } = scope;
  const freshnessPage = createFreshnessPage({ temporal, prefix, clock });
  const onCallPages = createOnCallPages({ temporal, escalation, prefix, clock });
  const entries = createOnCallEntries({ temporal, escalation, clock });
  const takeAnswer = createTakeAnswer({ temporal, intake, log: scope.log });
  const pages = createIncidentPages({
    snapshots: createSnapshots(temporal, clock),
    backgrounds: createBackgrounds({ temporal, clock }),
    takerNames: takerNamesIn(temporal),
    escalation,
    prefix,
    secret: apiToken,
    webUi,
    clock,
  });
  const history = createHistoryReader({ temporal, escalation, clock, draining });

  scope.addHook('onRequest', async (request, reply) => scope.requires(accessFor(request.method))(request, reply));
  await scope.register(incidents, { indexed, apiToken, clock, pages });
  await scope.register(liveIncidents, { pages });
  await scope.register(answers, { takeAnswer });
  await scope.register(onCall, { escalation, clock, pages: onCallPages });
  await scope.register(overrides, { escalation, entries, clock });
  await scope.register(silences, { entries, clock });
  await scope.register(freshness, { clock, page: freshnessPage });
  await scope.register(liveFreshness, { page: freshnessPage });
  await scope.register(messages, { history, escalation, address, clock });
  await scope.register(report, { history, address, clock });
  await scope.register(async (forms) => {
    await forms.register(formBody);
    await forms.register(incidentAnswers, { address, takeAnswer });
    await forms.register(onCallForms, { address, escalation, entries, pages: onCallPages });
  });
};
