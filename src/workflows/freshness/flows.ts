/** Runs of flows, which have no webhook: what a look at them changes. Those that failed go to their incidents, and so does a later success. */
import { hour, minute, second, type TableauEvent } from '../contract.js';
import {
  flowRunFailed,
  flowRunSucceeded,
  type FailedRun,
  type FlowsCheck,
  type FlowsFound,
  type FlowsInput,
} from '../flows-contract.js';
import { applyAlarms } from './alarms.js';
import { newFlowWatch, nextId, queue, type FlowWatch, type Freshness, type OpenFlow } from './state.js';

/** Tableau may show a run later than one that ended after it. */
const overlapMs = 10 * minute;
const retryMs = minute;
/** A licence or a permission is not there by the next minute. */
const refusedMs = hour;
const leastPauseMs = 15_000;
/** Of each list that is carried over; what is oldest is forgotten. */
const most = { open: 2_000, reported: 1_000 } as const;

/** As the file has it now. Only what ends from then on is news; what was known is forgotten where flows are watched no more. */
export function applyWatch(freshness: Freshness, everyMs: number | null, now: number): void {
  const { flows } = freshness;
  if (flows.everyMs !== null && everyMs !== null) {
    flows.nextAt = Math.min(flows.nextAt, now + everyMs);
    flows.everyMs = everyMs;
  } else if (flows.everyMs !== everyMs) {
    // Tableau's times are whole seconds. A look that runs has to end.
    const from = Math.floor(now / second) * second;
    freshness.flows = { ...newFlowWatch(), id: flows.id, everyMs, from, nextAt: now };
  }
}

/** What the look that is due asks, with its id; null where none is. */
export function beginFlows(freshness: Freshness, now: number): { id: string; input: FlowsInput } | null {
  const { flows } = freshness;
  if (flows.everyMs === null || flows.id !== null || now < flows.nextAt) return null;
  flows.id = nextId(freshness, 'flows');
  const { reported, open } = flows;
  const input: FlowsInput = {
    since: sinceOf(flows),
    reported: reported.map(({ run }) => run),
    open: open.map(({ item, failedAt }) => ({ luid: item.luid, failedAt })),
  };
  return { id: flows.id, input };
}

const sinceOf = ({ from, newestAt }: FlowWatch): number =>
  newestAt === null ? from : Math.max(from, newestAt - overlapMs);

/** The look has ended; `check` is null where it could not be run. */
export function applyFlows(freshness: Freshness, check: FlowsCheck | null, now: number): void {
  const { flows } = freshness;
  flows.id = null;
  if (flows.everyMs === null) return;
  flows.alarms = check?.alarms ?? [];
  const found = check?.found ?? null;
  if (found) {
    flows.answeredAt = now;
    flows.failingSince = null;
    applyFound(freshness, flows, found, now);
  } else {
    flows.failingSince ??= now;
  }
  const isRefused = flows.alarms.some(({ code }) => code === 'flows-refused');
  const pauseMs = found ? (found.more > 0 ? 0 : flows.everyMs) : isRefused ? refusedMs : retryMs;
  flows.nextAt = now + Math.max(leastPauseMs, pauseMs);
  applyAlarms(freshness, now);
}

function applyFound(freshness: Freshness, flows: FlowWatch, found: FlowsFound, now: number): void {
  freshness.policies = { ...freshness.policies, ...found.policies };
  freshness.settings = found.settings;
  freshness.searchAttributes = found.searchAttributes;
  for (const { luid, at } of found.succeeded) applySuccess(freshness, flows, luid, at, now);
  for (const run of found.failed) applyFailed(freshness, flows, run, now);
  // Else the others would be from before the next look.
  if (found.more === 0 && found.newestAt !== null) flows.newestAt = Math.max(found.newestAt, flows.newestAt ?? 0);
  const since = sinceOf(flows);
  flows.reported = flows.reported.filter(({ endedAt }) => endedAt >= since).slice(-most.reported);
  flows.open = flows.open.slice(-most.open);
}

function applyFailed(freshness: Freshness, flows: FlowWatch, run: FailedRun, now: number): void {
  const { item, incident, endedAt, why, policy, summary, changes } = run;
  const known = flows.open.find((one) => one.item.luid === item.luid);
  if (endedAt < flows.from) return;
  if (flows.reported.some((one) => one.run === run.run) || (known && known.failedAt >= endedAt)) return;
  flows.reported = [...flows.reported, { run: run.run, endedAt }];
  const isPaged = policy !== undefined;
  const open: OpenFlow = { item, incident, failedAt: endedAt, isPaged: isPaged || known?.isPaged === true };
  flows.open = [...flows.open.filter((one) => one !== known), open];
  const about = { incident, endedAt: new Date(endedAt).toISOString() };
  if (isPaged) freshness.logLines.push({ level: 'warn', message: 'A run of a flow has failed', about });
  else if (!known)
    freshness.logLines.push({ level: 'info', message: 'A run of a flow has failed, for which no route pages', about });
  if (!isPaged) return;
  const event: TableauEvent = {
    type: flowRunFailed,
    item,
    createdAt: endedAt,
    receivedAt: now,
    ...(why !== undefined && { why }),
  };
  queue(freshness, { incident, what: 'failure', event, policy, summary, ...(changes && { changes }) });
}

function applySuccess(freshness: Freshness, flows: FlowWatch, luid: string, at: number, now: number): void {
  const known = flows.open.find(({ item }) => item.luid === luid);
  if (!known || at <= known.failedAt) return;
  flows.open = flows.open.filter((one) => one !== known);
  const { item, incident, isPaged } = known;
  freshness.logLines.push({ level: 'info', message: 'A flow runs again', about: { incident } });
  if (!isPaged) return;
  queue(freshness, { incident, what: 'end', event: { type: flowRunSucceeded, item, createdAt: at, receivedAt: now } });
}
