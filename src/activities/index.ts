import type { PagingActivities, SendActivities, TableauActivities } from '../workflows/activity-contract.js';
import { createPagingActivities, type PagingDependencies } from './signal-pagers.js';
import { createTableauActivities, type TableauDependencies } from './tableau.js';
import { createTwilioActivities, type TwilioDependencies } from './twilio.js';

export interface ActivityDependencies {
  paging: PagingDependencies;
  tableau: TableauDependencies;
  twilio: TwilioDependencies;
}

/** Activities by the kind of task queue that runs them. */
export interface Activities {
  incidents: PagingActivities;
  tableau: TableauActivities;
  sends: SendActivities;
}

export function createActivities({ paging, tableau, twilio }: ActivityDependencies): Activities {
  return {
    incidents: createPagingActivities(paging),
    tableau: createTableauActivities(tableau),
    sends: createTwilioActivities(twilio),
  };
}
