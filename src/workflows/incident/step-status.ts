/** How long the present step of an escalation lasts, by what pagers have reported on its pages. */
import { channelName } from '../channels.js';
import { minute, second, type Step } from '../contract.js';
import { isHeldByQuietHours } from './paging.js';
import type { Page } from './escalation-state.js';
import type { Decision } from './next.js';
import type { Incident } from './state.js';

/** When a pager reports nothing about a page for this long, the incident takes the next step. */
const silenceLimitMs = 5 * minute;
/**
 * A step ends late by at most this, and by a tenth of its wait: the timer that starts with it then also serves for its wait, which begins when
 * a page is sent, mostly within this time.
 */
const latestEndMs = second / 2;

/** While nobody was paged, since it is too early for all of them: when the first is. */
export function firstAfterQuietHours(incident: Incident, now: number): Decision | null {
  const pages = presentPages(incident).filter(({ status }) => status !== 'failed');
  const [first] = pages.toSorted((a, b) => (a.quietUntil ?? 0) - (b.quietUntil ?? 0));
  if (first?.quietUntil === undefined || !isHeldByQuietHours(first, now)) return null;
  const what = `${channelName(first.channel)} to ${first.contact} after quiet hours`;
  return { do: 'wait', until: first.quietUntil, code: 'quiet-ends', what };
}

/** When the present step ends if its page was sent at its beginning. */
export const plannedEnd = (incident: Incident): number =>
  incident.escalation.steppedAt + (presentStep(incident)?.waitMs ?? 0);

/** Until when it is early enough to end a step that is over at that time. */
export function latestEnd(incident: Incident, at: number): number {
  const end = plannedEnd(incident);
  const latest = end + Math.min(latestEndMs, (presentStep(incident)?.waitMs ?? 0) / 10);
  return at >= end && at <= latest ? latest : at;
}

/** Until when the present step waits (null: it is over), and whether its pages are held. */
export function stepStatus(incident: Incident): { until: number | null; isHeld?: true } {
  const step = presentStep(incident);
  const pages = presentPages(incident);
  const live = pages.filter((page) => page.status !== 'failed');
  if (!step || live.length === 0) return { until: null };
  const sentAt = pages.flatMap((page) => (page.sentAt === undefined ? [] : [page.sentAt]));
  if (sentAt.length > 0) return { until: Math.min(...sentAt) + step.waitMs };
  // Nobody was paged yet: the step goes on until the last of them may be.
  const begunAt = Math.max(incident.escalation.steppedAt, ...live.map(({ quietUntil = 0 }) => quietUntil));
  const held = live.flatMap((page) => (page.heldUntil === undefined ? [] : [page.heldUntil]));
  if (held.length > 0) {
    const last = Math.max(...held);
    const over = begunAt + step.waitMs;
    // The step does not wait for a page that is held for longer than it lasts: another channel may be free.
    return {
      until: last > over ? over : Math.max(last, begunAt) + silenceLimitMs,
      isHeld: true,
    };
  }
  return { until: begunAt + silenceLimitMs };
}

/** The pagers have the pages of the present step, and none has reported on one yet, as they do within milliseconds. */
export function isUnreported(incident: Incident): boolean {
  const pages = presentPages(incident);
  return incident.state === 'triggered' && pages.length > 0 && pages.every(({ status }) => status === 'requested');
}

export const presentStep = (incident: Incident): Step | undefined => incident.policy?.steps[incident.escalation.step];

export function presentPages(incident: Incident): Page[] {
  const numbers = new Set(incident.escalation.pages);
  return incident.pages.filter((page) => numbers.has(page.n));
}
