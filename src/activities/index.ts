import type { BaseLogger } from 'pino';
import { ownerIn } from '../policy/contact-for.js';
import { createCatalog } from '../tableau/look-ups/catalog.js';
import { createLineage } from '../tableau/look-ups/lineage.js';
import { createOwnerNames } from '../tableau/look-ups/owner.js';
import { createRoutingFacts, type RoutingFact } from '../tableau/look-ups/routing-facts.js';
import type { Item } from '../workflows/contract.js';
import type { IntakeActivities } from '../workflows/intake-contract.js';
import type { LabelActivities, LabelSweepActivities } from '../workflows/label-contract.js';
import type { SendActivities } from '../workflows/send-contract.js';
import type {
  AnswerActivities,
  OnCallActivities,
  PagingActivities,
  RequestActivities,
  RoutingActivities,
  SilenceActivities,
  TableauActivities,
} from '../workflows/activity-contract.js';
import type { PostActivities, ReportActivities } from '../workflows/webhook-contract.js';
import type { BackgroundActivities, OutsideActivities } from '../workflows/background-contract.js';
import type { FlowActivities } from '../workflows/flows-contract.js';
import type { FreshnessActivities } from '../workflows/freshness-contract.js';
import { createAnswerActivities } from './answer-incidents.js';
import { createRoutingActivities, type RoutingDependencies } from './choose-route.js';
import { createLabelActivities } from './labels.js';
import { createLabelSweepActivities, type LabelSweepDependencies } from './sweep-labels.js';
import { createOnCallActivities, type OnCallDependencies } from './find-on-call.js';
import { createFlowActivities } from './check-flows.js';
import { createFreshnessActivities, type FreshnessDependencies } from './check-freshness.js';
import { createIntakeActivities, type IntakeDependencies } from './deliver.js';
import { createPostActivities, type PostDependencies } from './post-changes.js';
import { createReportActivities, type ReportDependencies } from './report-changes.js';
import { createRequestActivities, type RequestDependencies } from './requests.js';
import { createBackgroundActivities } from './read-background.js';
import { createOutsideActivities } from './read-outside.js';
import { createSilenceActivities, type SilenceDependencies } from './silences.js';
import { createPagingActivities, type PagingDependencies } from './signal-pagers.js';
import { createTableauActivities, type TableauDependencies } from './tableau.js';
import { createTwilioActivities, type TwilioDependencies } from './twilio.js';

export interface ActivityDependencies {
  freshness: Omit<FreshnessDependencies, 'tableau' | 'logger'>;
  intake: IntakeDependencies;
  onCall: Omit<OnCallDependencies, 'ownerNames'> & Pick<RequestDependencies, 'makeOverride' | 'makeSilence'>;
  routing: Pick<RoutingDependencies, 'escalation' | 'siteName'>;
  silences: SilenceDependencies;
  paging: Omit<PagingDependencies, 'lookUp' | 'findSilence'>;
  tableau: TableauDependencies;
  labels: Omit<LabelSweepDependencies, 'tableau' | 'logger'>;
  twilio: TwilioDependencies;
  webhooks: Omit<ReportDependencies & PostDependencies, 'logger'>;
}

/** Activities by the kind of task queue that runs them. */
export interface Activities {
  intake: IntakeActivities;
  incidents: PagingActivities &
    OnCallActivities &
    RoutingActivities &
    SilenceActivities &
    LabelActivities &
    LabelSweepActivities &
    FreshnessActivities &
    FlowActivities &
    BackgroundActivities &
    OutsideActivities;
  tableau: TableauActivities;
  webhooks: ReportActivities & PostActivities;
  answers: AnswerActivities;
  requests: RequestActivities;
  sends: SendActivities;
}

export function createActivities(dependencies: ActivityDependencies): Activities {
  const { freshness, intake, labels, onCall, routing, silences, paging, tableau, twilio, webhooks } = dependencies;
  const { tableau: client, logger } = tableau;
  // Each item is requested once, whatever for.
  const catalog = createCatalog(client);
  const ownerNames = createOwnerNames(catalog);
  const contactOf = (names: readonly string[]) => ownerIn(onCall.escalation.current(), names);
  const lookUps = createTableauActivities({ ...tableau, catalog, contactOf });
  const silencing = createSilenceActivities(silences);
  const pagers = createPagingActivities({
    ...paging,
    lookUp: (request) => lookUps.lookUp(request),
    findSilence: (subject) => silencing.findSilence(subject),
  });
  return {
    intake: createIntakeActivities(intake),
    incidents: {
      ...pagers,
      ...createOnCallActivities({ ...onCall, ownerNames }),
      ...createRoutingActivities({
        ...routing,
        factsOf: createRoutingFacts({ catalog, ownerNames, onProblem: routingProblem(logger) }),
        ownSite: (signal) => client.site(signal),
        logger,
      }),
      ...silencing,
      ...createLabelActivities({ ...labels, tableau: client, logger }),
      ...createLabelSweepActivities({ ...labels, tableau: client, logger }),
      ...createFreshnessActivities({ ...freshness, tableau: client, logger }),
      ...createFlowActivities({ ...routing, tableau: client, logger }),
      ...createBackgroundActivities({ tableau: client, catalog, lineageOf: createLineage(client), logger }),
      ...createOutsideActivities({ ...twilio, tableau: client, logger }),
    },
    tableau: lookUps,
    webhooks: {
      ...createReportActivities({ ...webhooks, logger }),
      ...createPostActivities({ ...webhooks, logger }),
    },
    answers: createAnswerActivities(paging.client),
    requests: createRequestActivities(onCall),
    sends: createTwilioActivities(twilio),
  };
}

const routingProblem =
  (logger: BaseLogger) =>
  ({ kind, luid }: Item, fact: RoutingFact, error: unknown): void => {
    const why = error instanceof Error ? error.message : 'unknown';
    logger.warn({ kind, luid, fact, why }, 'routes cannot depend on what Tableau does not tell');
  };
