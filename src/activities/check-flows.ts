/** Reads the runs of flows since the last look, and gives those that failed with their reason and their policy. */
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { decideRoute, type Escalation } from '../policy/route.js';
import { reportingOf } from '../policy/webhooks.js';
import type { TableauClient } from '../tableau/rest/client.js';
import { isRefused, isSignInRefused, TableauError } from '../tableau/rest/errors.js';
import type { FlowRun } from '../tableau/rest/flow-lists.js';
import { knownFrom } from '../tableau/look-ups/jobs.js';
import { createProjects } from '../tableau/look-ups/projects.js';
import { sharedRequestSignal } from '../tableau/rest/timeouts.js';
import type { ListedContent } from '../tableau/rest/site-lists.js';
import { incidentIdFor, summaryOf } from '../temporal/incident-ids.js';
import { minute, type TableauEvent } from '../workflows/contract.js';
import {
  flowRunFailed,
  type FailedRun,
  type FlowActivities,
  type FlowsCheck,
  type FlowsFound,
  type FlowsInput,
} from '../workflows/flows-contract.js';
import { inLanes, withHeartbeat } from './long-work.js';

export interface FlowDependencies {
  escalation: EscalationSource;
  tableau: TableauClient;
  /** The site's name in its address; empty is the default site. */
  siteName: string;
  logger: BaseLogger;
  clock?: () => number;
}

/** Failed flows of one look that reach the workflow; the next look has the others. */
const mostFailed = 200;
/** Runs whose jobs are read for the reason, and how many at a time. */
const mostExplained = 50;
const atOnce = 5;
const requestMs = minute;

export function createFlowActivities(dependencies: FlowDependencies): FlowActivities {
  const { escalation, tableau, siteName, logger, clock = Date.now } = dependencies;
  const pathOf = createProjects(tableau);
  const signal = () => AbortSignal.timeout(requestMs);

  async function look(inForce: Escalation, input: FlowsInput): Promise<FlowsCheck> {
    try {
      return { found: await find(inForce, input), alarms: [] };
    } catch (error) {
      if (!(error instanceof TableauError)) throw error;
      const { message: why } = error;
      logger.warn({ why }, 'Tableau does not tell how runs of flows ended');
      return { found: null, alarms: alarmsFor(error, why) };
    }
  }

  async function find(inForce: Escalation, { since, reported, open }: FlowsInput): Promise<FlowsFound> {
    const { runs, isWhole } = await tableau.flowRuns(since, signal());
    if (!isWhole) logger.warn({ runs: runs.length }, 'more runs of flows ended than one look reads');
    const newest = newestOf(runs);
    const known = new Map(open.map(({ luid, failedAt }) => [luid, failedAt]));
    const news = newest.filter(
      ({ id, flow, isFailed, endedAt }) =>
        isFailed && !reported.includes(id) && endedAt > (known.get(flow) ?? Number.NEGATIVE_INFINITY),
    );
    // The oldest first, since the next look begins where this one ends.
    const failed = await withFacts(inForce, news.toReversed().slice(0, mostFailed));
    const named = new Set(failed.flatMap(({ policy }) => policy ?? []));
    const { lingerMs, forgetMs } = inForce.settings;
    return {
      failed,
      more: news.length - failed.length,
      succeeded: newest.flatMap(({ flow, isFailed, endedAt }) =>
        !isFailed && endedAt > (known.get(flow) ?? Infinity) ? [{ luid: flow, at: endedAt }] : [],
      ),
      newestAt: runs[0]?.endedAt ?? null,
      policies: Object.fromEntries(Object.entries(inForce.policies).filter(([name]) => named.has(name))),
      settings: { lingerMs, forgetMs },
      searchAttributes: true,
    };
  }

  async function withFacts(inForce: Escalation, runs: readonly FlowRun[]): Promise<FailedRun[]> {
    if (runs.length === 0) return [];
    const [site, listed, reasons] = await Promise.all([tableau.site(signal()), flowsByLuid(), reasonsOf(runs)]);
    return Promise.all(
      runs.map((run) => failedRun(inForce, run, { site, flow: listed.get(run.flow), why: reasons.get(run.id) })),
    );
  }

  async function failedRun(
    inForce: Escalation,
    { id, flow: luid, endedAt }: FlowRun,
    { site, flow, why }: { site: string; flow: ListedContent | undefined; why: string | undefined },
  ): Promise<FailedRun> {
    const item = { kind: 'flow', luid, name: flow?.name ?? luid, site } as const;
    const project = flow?.project === undefined ? undefined : await orUnknown(pathOf(flow.project));
    const { policy } = decideRoute(inForce, {
      event: flowRunFailed,
      item: item.name,
      site,
      siteName: siteName || 'default',
      at: clock(),
      ...(project !== undefined && { project }),
      ...(flow && { tags: flow.tags }),
    });
    const event: TableauEvent = { type: flowRunFailed, item, createdAt: endedAt, receivedAt: clock() };
    return {
      run: id,
      item,
      incident: incidentIdFor(event),
      summary: summaryOf(event),
      endedAt,
      ...(why !== undefined && { why }),
      ...(policy && { policy: policy.name, ...reportingOf(inForce) }),
    };
  }

  /** Without the list a flow is known by its luid. */
  async function flowsByLuid(): Promise<Map<string, ListedContent>> {
    const flows = (await orUnknown(tableau.contents('flow', signal()))) ?? [];
    return new Map(flows.map((flow) => [flow.luid, flow]));
  }

  /** By the id of the run; never the notes themselves. */
  async function reasonsOf(runs: readonly FlowRun[]): Promise<Map<string, string>> {
    const reasons = new Map<string, string>();
    await inLanes(runs.slice(-mostExplained), atOnce, async ({ id, job: luid }) => {
      const job = luid === undefined ? undefined : await orUnknown(tableau.job(luid, sharedRequestSignal()));
      const cause = job && knownFrom(job).cause;
      if (cause !== undefined) reasons.set(id, cause);
    });
    return reasons;
  }

  /** What is missing of a failure keeps nobody from being paged. */
  async function orUnknown<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof TableauError)) throw error;
      const { message: why } = error;
      if (isSignInRefused(error)) throw error;
      logger.warn({ why }, 'Tableau does not tell all of a failed run of a flow');
      return undefined;
    }
  }

  return {
    checkFlows: (input) => withHeartbeat(() => look(escalation.current(), input)),
  };
}

function alarmsFor(error: TableauError, why: string): FlowsCheck['alarms'] {
  if (isSignInRefused(error))
    return [{ code: 'tableau-sign-in', text: `${why} Nobody knows which runs of flows failed.` }];
  if (!isRefused(error)) return [];
  const text =
    `${why} Nobody is paged for runs of flows that fail: they need Tableau's Data Management, and a user who may see the flows. ` +
    'Without them remove "flows" from the escalation file.';
  return [{ code: 'flows-refused', text }];
}

/** The newest run of each flow, the newest first. Of a failure and a success in the same second the failure stands. */
function newestOf(runs: readonly FlowRun[]): FlowRun[] {
  const newest = new Map<string, FlowRun>();
  for (const run of runs) {
    const known = newest.get(run.flow);
    if (!known || run.endedAt > known.endedAt || (run.endedAt === known.endedAt && run.isFailed))
      newest.set(run.flow, run);
  }
  return [...newest.values()].toSorted((one, other) => other.endedAt - one.endedAt);
}
