/**
 * How an incident comes to its policy where the routes depend on what Tableau knows: it asks before its first step, for a short time, and goes on
 * with the policy that the event named when there is no answer. An answer that comes later can only add people.
 */
import type { Routed, RoutingActivities } from '../activity-contract.js';
import { canBeRefreshed } from '../words.js';
import { second, type EventSignal, type Policy } from '../contract.js';
import type { ActivityEffect } from '../machine.js';
import { startEscalation, withdrawUnsent } from './escalation.js';
import { keepHanded, stepsOfFile } from './hand-on.js';
import { settleAll } from './pager-messages.js';
import { wantRerun } from './rerun.js';
import { end } from './resolve.js';
import type { Decision } from './next.js';
import { isOpen, nextId, type Incident } from './state.js';
import { presentStep } from './step-status.js';
import { record } from './timeline.js';

export type RouteCall = { activity: 'chooseRoute'; input: Parameters<RoutingActivities['chooseRoute']>[0] };

/** The activity asks for this long, at first and later. */
const firstWithinMs = second;
const laterWithinMs = 10 * second;
/** The first page waits for the answer until then, where the activity itself is late. */
const budgetMs = 2 * second;
/** Pauses before the next request for what Tableau had not said. */
const pausesMs = [5 * second, 15 * second, 60 * second] as const;

/** An episode begins with the policy that its event names, which may change. */
export function beginWithPolicy(
  incident: Incident,
  { event, policyMayChange }: EventSignal,
  policy: Policy,
  now: number,
): void {
  incident.policy = policy;
  incident.routing = policyMayChange ? { turn: 0, at: now, id: null, receivedAt: event.receivedAt } : null;
  if (!policyMayChange) adoptPolicy(incident, policy, now);
}

/** The policy before anybody is paged. A rerun of another policy must not hold back the pages of this one. */
function adoptPolicy(incident: Incident, policy: Policy, now: number): void {
  incident.policy = policy;
  const { rerun } = incident;
  const isOfPolicy = rerun !== null && rerun.by === null;
  if (isOfPolicy && policy.rerun) rerun.until = Math.min(rerun.until, rerun.requestedAt + policy.rerun.waitMs);
  else if (isOfPolicy) incident.rerun = null;
  const isBefore = incident.state === 'triggered' && incident.escalation.step < 0;
  if (policy.rerun && isBefore && incident.rerun === null && canBeRefreshed(incident.item))
    wantRerun(incident, { by: null, contact: null }, now, policy.rerun.waitMs);
}

/** Null: the policy is known, or it is time to go on with the one that the event named. */
export function awaitRoute(incident: Incident, now: number): Decision | null {
  const until = incident.openedAt + budgetMs;
  return isChoosing(incident) && now < until ? { do: 'wait', until, code: 'route', what: 'Choosing the policy' } : null;
}

/** The first request is under way or about to be, and nobody has been paged. */
export const isChoosing = ({ routing, escalation }: Incident): boolean =>
  routing !== null && routing.turn === 0 && escalation.step < 0;

/** When the next request is due; null while none is. */
export const routeAt = ({ routing, state }: Incident): number | null =>
  routing !== null && routing.id === null && (state === 'triggered' || state === 'unacknowledged') ? routing.at : null;

/** A request that is due. */
export function beginRouting(incident: Incident, now: number): ActivityEffect<RouteCall>[] {
  const { routing } = incident;
  const at = routeAt(incident);
  if (routing === null || at === null || at > now) return [];
  const id = nextId(incident, 'route');
  routing.id = id;
  incident.inFlight.push({ id, activity: 'chooseRoute' });
  const { item, event, failures } = incident;
  const { receivedAt } = routing;
  const withinMs = routing.turn === 0 ? firstWithinMs : laterWithinMs;
  const input = { item, event, receivedAt, failures, withinMs };
  return [
    {
      type: 'activity',
      id,
      call: { activity: 'chooseRoute', input },
      summary: 'Choose the policy by what Tableau knows',
    },
  ];
}

/** The run had to end before the answer: the next one asks. */
export function cancelRouting({ routing }: Incident, id: string): void {
  if (routing?.id === id) routing.id = null;
}

/** No worker gave an answer. */
export function applyRouteFailure(incident: Incident, id: string, why: string, now: number): void {
  if (incident.routing?.id !== id) return;
  incident.logLines.push({ level: 'warn', message: 'The route could not be found', about: { error: why } });
  askAgain(incident, now);
}

function askAgain(incident: Incident, now: number): void {
  const { routing } = incident;
  const pauseMs = pausesMs[routing?.turn ?? 0];
  incident.routing =
    routing === null || pauseMs === undefined
      ? null
      : { ...routing, turn: routing.turn + 1, at: now + pauseMs, id: null };
}

/** What the routes decide. A request of an earlier episode has another id. */
export function applyRoute(incident: Incident, id: string, routed: Routed, now: number): void {
  const { routing } = incident;
  if (routing?.id !== id) return;
  if (routed.isCertain) incident.routing = null;
  else askAgain(incident, now);
  if (!isOpen(incident)) return;
  if (hasPaged(incident, now)) {
    if (routed.isCertain) correct(incident, routed, now);
  } else if ('ignored' in routed) {
    ignore(incident, routed.route, routed.ignored, now);
  } else if (routed.isCertain || routing.turn === 0) {
    choose(incident, routed, routed.policy, now);
  }
}

/**
 * What a silence held back, what was refused, and what waits for the end of quiet hours reached nobody; what was withdrawn may be on its way, and a call that nobody took was
 * heard.
 */
const hasPaged = ({ pages }: Incident, now: number): boolean =>
  pages.some(
    ({ sentAt, status, why, quietUntil = 0 }) =>
      sentAt !== undefined || (quietUntil <= now && (status !== 'failed' || why === 'withdrawn')),
  );

function ignore(incident: Incident, route: number | null, reason: string, now: number): void {
  const why = route === null ? 'No route fits' : `Ignored by route ${route}: ${reason}`;
  settleAll(incident, 'cancelled', null);
  record(incident, now, 'ignored', `${why}, so that nobody is paged`, { route: route ?? 0 });
  end(incident, 'resolved', now);
}

/** Nobody has been paged: the policy is as if it had been known from the beginning. */
function choose(incident: Incident, { route, isCertain }: Routed, policy: Policy, now: number): void {
  const text = isCertain ? `Route ${route}: policy ${policy.name}` : `Policy ${policy.name}, until Tableau tells more`;
  record(incident, now, 'routed', text, { policy: policy.name, route: route ?? 0 });
  // Two workers may have files of different ages, with policies of one name.
  const whole = keepHanded(policy, incident.policy);
  const isOther = JSON.stringify(whole) !== JSON.stringify(incident.policy);
  adoptPolicy(incident, whole, now);
  if (isOther && incident.escalation.step >= 0) startAnew(incident, now);
}

/** By its new policy, unless somebody has answered, or whoever it was handed to is being paged: its steps follow then. */
function startAnew(incident: Incident, now: number): void {
  if (incident.state !== 'triggered' && incident.state !== 'unacknowledged') return;
  if (presentStep(incident)?.isHanded) return;
  withdrawUnsent(incident, now);
  startEscalation(incident, now, now, 0);
}

/**
 * People have been paged before the answer came. Another policy takes over only where it pages everybody whom the first one would: nobody relies
 * in vain on somebody who was to come.
 */
function correct(incident: Incident, routed: Routed, now: number): void {
  const { policy: present } = incident;
  const policy = 'policy' in routed ? routed.policy : null;
  if (present === null || policy?.name === present.name) return;
  const other = policy === null ? 'nobody would be paged' : `policy ${policy.name}`;
  if (policy === null || !pagesAll(policy, present)) {
    record(
      incident,
      now,
      'routed',
      `By route ${routed.route} it would be ${other}: policy ${present.name} has paged people, and stays`,
    );
    return;
  }
  record(incident, now, 'routed', `Route ${routed.route}: policy ${policy.name} in place of ${present.name}`, {
    policy: policy.name,
    route: routed.route ?? 0,
  });
  incident.policy = keepHanded(policy, present);
  startAnew(incident, now);
}

function pagesAll(policy: Policy, other: Policy): boolean {
  const paged = new Set(policy.steps.flatMap(({ page }) => page));
  return stepsOfFile(other).every(({ page }) => page.every((entry) => paged.has(entry)));
}
