import type { IntakeActivities } from '../workflows/intake-contract.js';
import type {
  AnswerActivities,
  OnCallActivities,
  PagingActivities,
  SendActivities,
  TableauActivities,
} from '../workflows/activity-contract.js';
import { createAnswerActivities } from './answer-incidents.js';
import { createOnCallActivities, type OnCallDependencies } from './find-on-call.js';
import { createIntakeActivities, type IntakeDependencies } from './deliver.js';
import { createPagingActivities, type PagingDependencies } from './signal-pagers.js';
import { createTableauActivities, type TableauDependencies } from './tableau.js';
import { createTwilioActivities, type TwilioDependencies } from './twilio.js';

export interface ActivityDependencies {
  intake: IntakeDependencies;
  onCall: OnCallDependencies;
  paging: Omit<PagingDependencies, 'lookUp'>;
  tableau: TableauDependencies;
  twilio: TwilioDependencies;
}

/** Activities by the kind of task queue that runs them. */
export interface Activities {
  intake: IntakeActivities;
  incidents: PagingActivities & OnCallActivities;
  tableau: TableauActivities;
  answers: AnswerActivities;
  sends: SendActivities;
}

export function createActivities({ intake, onCall, paging, tableau, twilio }: ActivityDependencies): Activities {
  const lookUps = createTableauActivities(tableau);
  return {
    intake: createIntakeActivities(intake),
    incidents: {
      ...createPagingActivities({ ...paging, lookUp: (request) => lookUps.lookUp(request) }),
      ...createOnCallActivities(onCall),
    },
    tableau: lookUps,
    answers: createAnswerActivities(paging.client),
    sends: createTwilioActivities(twilio),
  };
}
