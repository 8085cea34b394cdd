import type { IntakeActivities } from '../workflows/intake-contract.js';
import type {
  AnswerActivities,
  OnCallActivities,
  PagingActivities,
  SendActivities,
  SilenceActivities,
  TableauActivities,
} from '../workflows/activity-contract.js';
import { createAnswerActivities } from './answer-incidents.js';
import { createOnCallActivities, type OnCallDependencies } from './find-on-call.js';
import { createIntakeActivities, type IntakeDependencies } from './deliver.js';
import { createSilenceActivities, type SilenceDependencies } from './silences.js';
import { createPagingActivities, type PagingDependencies } from './signal-pagers.js';
import { createTableauActivities, type TableauDependencies } from './tableau.js';
import { createTwilioActivities, type TwilioDependencies } from './twilio.js';

export interface ActivityDependencies {
  intake: IntakeDependencies;
  onCall: OnCallDependencies;
  silences: SilenceDependencies;
  paging: Omit<PagingDependencies, 'lookUp' | 'findSilence'>;
  tableau: TableauDependencies;
  twilio: TwilioDependencies;
}

/** Activities by the kind of task queue that runs them. */
export interface Activities {
  intake: IntakeActivities;
  incidents: PagingActivities & OnCallActivities & SilenceActivities;
  tableau: TableauActivities;
  answers: AnswerActivities;
  sends: SendActivities;
}

export function createActivities({
  intake,
  onCall,
  silences,
  paging,
  tableau,
  twilio,
}: ActivityDependencies): Activities {
  const lookUps = createTableauActivities(tableau);
  const silencing = createSilenceActivities(silences);
  return {
    intake: createIntakeActivities(intake),
    incidents: {
      ...createPagingActivities({
        ...paging,
        lookUp: (request) => lookUps.lookUp(request),
        findSilence: (subject) => silencing.findSilence(subject),
      }),
      ...createOnCallActivities(onCall),
      ...silencing,
    },
    tableau: lookUps,
    answers: createAnswerActivities(paging.client),
    sends: createTwilioActivities(twilio),
  };
}
