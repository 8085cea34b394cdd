/** An incident of which Tableau sends nothing for long: Tableau is asked what became of the item, and people are notified. */
import type { ItemStatus } from '../activity-contract.js';
import { isTextChannel } from '../channels.js';
import { day } from '../contract.js';
import { type NoticeKind } from '../pager-contract.js';
import { ago, canBeRefreshed, duration } from '../words.js';
import { noticeAll, noticeTo, settleAll } from './pager-messages.js';
import { end, recover } from './resolve.js';
import type { Decision } from './next.js';
import { isOpen, informedContacts, type Incident } from './state.js';
import { record } from './timeline.js';

/** Tableau is asked again after this when it did not answer, and so many times in all. */
const askAgainMs = day;
const maxRequests = 3;

const asking = 'Tableau is asked whether it still fails';

/** When nothing has been heard of the item for too long. */
export function silentAt({ lastEventAt, escalation, settings, itemCheck, pages }: Incident): number {
  // Somebody is paged before it can be forgotten.
  const quiet = pages.map(({ status, quietUntil = 0 }) => (status === 'held' ? quietUntil : 0));
  const heldUntil = Math.max(escalation.silence?.until ?? 0, ...quiet);
  return Math.max(lastEventAt, heldUntil) + settings.forgetMs + itemCheck.failures * askAgainMs;
}

/** What the incident does next, unless it is time to ask Tableau, or to forget what has no refresh. */
export function orForget(incident: Incident, now: number, decision: Decision): Decision {
  if (incident.itemCheck.isRequesting)
    return decision.do === 'wait' && decision.until === null ? { ...decision, what: asking } : decision;
  const at = silentAt(incident);
  if (now >= at && canBeRefreshed(incident.item)) return { do: 'check-item' };
  if (now >= at) {
    forget(incident, now, 'forgotten', { reason: 'no refresh', text: '' });
    return { do: 'decide-again' };
  }
  if (decision.do !== 'wait' || (decision.until !== null && decision.until <= at)) return decision;
  return canBeRefreshed(incident.item)
    ? { do: 'wait', until: at, code: 'item-check', what: asking }
    : { do: 'wait', until: at, code: 'forget', what: 'Not watched any more' };
}

/** Tableau's answer, unless an event came meanwhile. */
export function applyItemStatus(incident: Incident, episode: string, status: ItemStatus, now: number): void {
  if (!takeRequest(incident, episode)) return;
  switch (status.state) {
    case 'recovered': {
      incident.lastSucceededAt = Math.max(incident.lastSucceededAt ?? 0, status.at);
      const text = `Refreshed at ${new Date(status.at).toISOString()}, of which Tableau sent no event`;
      recover(
        incident,
        now,
        'recovered',
        text,
        `It was refreshed ${ago(status.at, now)}, of which Tableau sent no event.`,
      );
      return;
    }
    case 'deleted':
      recover(incident, now, 'deleted', 'Deleted in Tableau, which sent no event of it');
      return;
    case 'suspended':
      forget(incident, now, 'suspended', { reason: 'suspended', text: 'Tableau has suspended its schedule.' });
      return;
    case 'failing':
      forget(incident, now, 'forgotten', { reason: 'failing', text: stillFailing(status.inARow ?? 1) });
      return;
    case 'unknown':
      forget(incident, now, 'forgotten', { reason: 'unknown', text: status.why });
  }
}

// After how many failures Tableau suspends a schedule can be configured there.
const stillFailing = (inARow: number): string =>
  inARow > 1
    ? `It still fails there, ${inARow} times in a row: Tableau may have suspended its schedule.`
    : 'It still fails there.';

/** Tableau did not answer: it is asked again on the next days, and then the incident is forgotten without its answer. */
export function applyNoItemStatus(incident: Incident, episode: string, now: number): void {
  if (!takeRequest(incident, episode)) return;
  const failures = incident.itemCheck.failures + 1;
  incident.itemCheck = { isRequesting: false, failures };
  if (failures < maxRequests) return;
  forget(incident, now, 'forgotten', { reason: 'no answer', text: `It did not answer on ${failures} days in a row.` });
}

/** Whether the request that ends is the one that the incident waits for. */
function takeRequest(incident: Incident, episode: string): boolean {
  const { itemCheck } = incident;
  if (!itemCheck.isRequesting || incident.episode !== episode || !isOpen(incident)) return false;
  incident.itemCheck = { ...itemCheck, isRequesting: false };
  return true;
}

function forget(
  incident: Incident,
  now: number,
  kind: Extract<NoticeKind, 'suspended' | 'forgotten'>,
  { reason, text }: { reason: string; text: string },
): void {
  const silence = duration(now - incident.lastEventAt);
  record(incident, now, 'forgotten', `There was no event for ${silence}. ${text}`.trim(), { why: reason });
  settleAll(incident, 'forgotten', null);
  const why = kind === 'suspended' ? undefined : `Tableau has sent nothing for ${silence}. ${text}`.trim();
  noticeAll(incident, kind, null, undefined, why);
  const { fallback } = incident.policy ?? {};
  const channel = fallback?.channels.find(isTextChannel);
  // The fallback knows nothing of it yet, and from now on nobody is paged for it.
  if (fallback && channel !== undefined && !informedContacts(incident).includes(fallback.contact))
    noticeTo(incident, [fallback.contact], kind, null, why, channel);
  end(incident, 'forgotten', now);
}
