/** What may be wrong with an escalation file of which the service can start. */
import { ownerReference, scheduleOf } from '../../workflows/references.js';
import { webhookWarnings } from '../check-webhooks.js';
import { gapWarnings } from '../check-schedules.js';
import type { Problem } from '../reading.js';
import { flowRunFailed } from '../../workflows/flows-contract.js';
import { canPage, type Escalation } from '../route.js';
import { doubleDuty } from './double-duty.js';
import { forgottenTooSoon } from './forgotten.js';
import { futureStarts, gaps } from './gaps.js';
import { hiddenRoutes, unknownEvents } from './routes.js';
import { severityWarnings } from './severity.js';
import { plannedFrom } from './shifts.js';
import { unused } from './unused.js';

/**
 * Every warning, with the path of what it is about, in no order.
 *
 * @param value the value of the file, of any form
 * @param escalation what it describes; null where it has problems, which hide all warnings but those of hidden routes
 * @param from the beginning of the 28 days of schedules that are looked at, in milliseconds since the epoch
 */
export function warningsIn(value: unknown, escalation: Escalation | null, from: number): Problem[] {
  if (escalation === null) return hiddenRoutes(value);
  const planned = plannedFrom(escalation, from);
  const dated = gaps(planned, escalation.fallback);
  return [
    ...hiddenRoutes(value),
    ...unknownEvents(value),
    ...dated,
    // Hours without anybody that do not come in these days.
    ...gapWarnings(value).filter(({ path }) => !dated.some((gap) => gap.path.join() === path.join())),
    ...futureStarts(value, planned, from),
    ...doubleDuty(escalation, planned),
    ...unused(escalation),
    ...severityWarnings(value, escalation),
    ...forgottenTooSoon(escalation),
    ...missing(escalation),
    ...flowsWithoutRoute(escalation),
    ...webhookWarnings(escalation),
  ];
}

function missing({ policies, fallback, operators }: Escalation): Problem[] {
  const paged = Object.values(policies).flatMap(({ steps }) => steps.flatMap(({ page }) => page));
  const pagesSchedules = paged.some((entry) => scheduleOf(entry) !== null);
  const texts = [
    ...(pagesSchedules && fallback === undefined
      ? ['steps page schedules, and the file has no fallback: where nobody is on call nobody is paged.']
      : []),
    ...((pagesSchedules || paged.includes(ownerReference)) && operators === undefined
      ? [
          'steps page schedules or owners, and the file names no operators, who are to be told of problems of this service.',
        ]
      : []),
  ];
  return texts.map((text) => ({ path: [], text }));
}

function flowsWithoutRoute(escalation: Escalation): Problem[] {
  if (!escalation.flows || canPage(escalation, flowRunFailed)) return [];
  const text = `runs of flows are watched, and no route pages for "${flowRunFailed}": nobody is paged for them.`;
  return [{ path: ['flows'], text }];
}
