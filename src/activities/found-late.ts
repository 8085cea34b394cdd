/** What a look gives to the workflow of what it found. */
import type { Judgement } from '../policy/freshness/judgement.js';
import { labellingOf } from '../policy/labels.js';
import type { Escalation } from '../policy/route.js';
import { reportingOf } from '../policy/webhooks.js';
import type { Found } from '../workflows/freshness-contract.js';
import type { LateReport } from './explain-late.js';

/** @param withdrawn as in `Found` */
export const nothingFound = (
  { settings: { lingerMs, forgetMs } }: Escalation,
  withdrawn: string[] | undefined,
): Found => ({
  promised: 0,
  late: [],
  isComplete: true,
  more: 0,
  fresh: [],
  ...(withdrawn && { withdrawn }),
  policies: {},
  settings: { lingerMs, forgetMs },
  searchAttributes: true,
});

/** @param withdrawn as in `Found` */
export function foundOf(
  inForce: Escalation,
  { memory, fresh }: Judgement,
  report: LateReport,
  withdrawn: string[] | undefined,
): Found {
  const { policies, settings } = inForce;
  const { isComplete, more } = report;
  const late = report.late.map((one) => ({
    ...one,
    ...labellingOf(inForce, one.item),
    ...reportingOf(inForce),
  }));
  const named = new Set(late.flatMap(({ policy }) => policy ?? []));
  const { lingerMs, forgetMs } = settings;
  return {
    promised: Object.values(memory.items).filter(({ goneAt }) => goneAt === undefined).length,
    late,
    isComplete,
    more,
    fresh,
    ...(withdrawn && { withdrawn }),
    policies: Object.fromEntries(Object.entries(policies).filter(([name]) => named.has(name))),
    settings: { lingerMs, forgetMs },
    // Where the namespace has none the delivery does without.
    searchAttributes: true,
  };
}
