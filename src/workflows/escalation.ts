/**
 * What an incident does next, and how it climbs its ladder. Pure: time comes in, decisions go out.
 */
import type { Facts, PagerMessage, Step } from './contract.js';
import { addPage, hour, idleLadder, minute, note, pagedContacts, type Page, type Story } from './story.js';
import { channelName, fit } from './texts.js';

/** The first page waits this long for what Tableau knows of the item. */
export const detailBudget = 1_000;
/** A pager that says nothing of a page for this long is given up on. */
export const silenceLimit = 5 * minute;
/** Before a ladder in which Twilio accepted no page is climbed again; the last one repeats. */
const restartWaits = [1 * minute, 2 * minute, 5 * minute, 15 * minute] as const;

export type Decision =
  | { do: 'tell' }
  | { do: 'step' }
  | { do: 'again' }
  | { do: 'wait'; until: number | null; what: string }
  | { do: 'end' };

/** What to do now. `again` means that the story was moved on and is to be decided anew. */
export function decide(story: Story, now: number): Decision {
  if (story.outgoing.length > 0) return { do: 'tell' };
  if (story.state === null) return { do: 'wait', until: null, what: 'The first event' };
  switch (story.state) {
    case 'triggered':
      return orForget(story, now, climb(story, now));
    case 'unacknowledged':
      return orForget(story, now, waitForFailure(story, now));
    case 'acknowledged':
    case 'snoozed':
      return orForget(story, now, { do: 'wait', until: null, what: 'The next refresh' });
    case 'resolved':
    case 'forgotten':
      return linger(story, now);
  }
}

function orForget(story: Story, now: number, decision: Decision): Decision {
  const forgetAt = story.lastEventAt + story.settings.forget;
  if (now >= forgetAt) {
    forget(story, now);
    return { do: 'again' };
  }
  if (decision.do !== 'wait' || (decision.until !== null && decision.until <= forgetAt)) return decision;
  return { do: 'wait', until: forgetAt, what: 'Forgotten, unless it is heard of again' };
}

function forget(story: Story, now: number): void {
  note(story, now, 'forgotten', 'Nothing was heard of it any more');
  settleAll(story, 'forgotten', null);
  story.state = 'forgotten';
  story.overAt = now;
}

function linger(story: Story, now: number): Decision {
  const until = (story.overAt ?? now) + (story.state === 'resolved' ? story.settings.linger : 0);
  return now >= until ? { do: 'end' } : { do: 'wait', until, what: 'Closing' };
}

function waitForFailure(story: Story, now: number): Decision {
  const { ladder } = story;
  // A failure that came less than an hour after the ladder began is answered when the hour is over.
  if (story.failureSeenAt <= ladder.steppedAt) {
    return { do: 'wait', until: null, what: 'The next failure starts the ladder again' };
  }
  const until = ladder.startedAt + hour;
  if (now < until) return { do: 'wait', until, what: 'The ladder starts again' };
  note(story, now, 'triggered', 'It failed again: the ladder starts again');
  startLadder(story, now, now, 0);
  return { do: 'again' };
}

export function startLadder(story: Story, now: number, notBefore: number, restarts: number): void {
  story.state = 'triggered';
  story.ladder = { ...idleLadder(now, story.lastPage + 1), notBefore, restarts };
}

function climb(story: Story, now: number): Decision {
  const { ladder } = story;
  if (ladder.step < 0) {
    const detailUntil = story.openedAt + detailBudget;
    if (story.detail === null && now < detailUntil) return { do: 'wait', until: detailUntil, what: 'Asking Tableau' };
    if (now < ladder.notBefore) return { do: 'wait', until: ladder.notBefore, what: 'The ladder starts again' };
    return { do: 'step' };
  }
  const standing = standingOf(story);
  if (standing.until !== null && now < standing.until) {
    return { do: 'wait', until: standing.until, what: nextStepText(story) };
  }
  if (standing.complaint) note(story, now, 'skipped', standing.complaint);
  return { do: 'step' };
}

/** Until when the present step waits (null: it is over), and why it is over when that is not just its time. */
function standingOf(story: Story): { until: number | null; complaint?: string } {
  const step = presentStep(story);
  const pages = presentPages(story);
  const live = pages.filter((page) => page.status !== 'failed');
  if (!step || live.length === 0) return { until: null };
  const sentAt = pages.flatMap((page) => (page.sentAt === undefined ? [] : [page.sentAt]));
  if (sentAt.length > 0) return { until: Math.min(...sentAt) + step.wait };
  const held = live.flatMap((page) => (page.heldUntil === undefined ? [] : [page.heldUntil]));
  const names = live.map((page) => `${channelName[page.channel]} to ${page.contact}`).join(', ');
  if (held.length > 0) {
    const until = Math.max(...held, story.ladder.steppedAt) + silenceLimit;
    return { until, complaint: `${names}: held, and nothing more was heard of it` };
  }
  return { until: story.ladder.steppedAt + silenceLimit, complaint: `${names}: nothing was heard from the pager` };
}

const presentStep = (story: Story): Step | undefined => story.policy?.steps[story.ladder.step];

function presentPages(story: Story): Page[] {
  const numbers = new Set(story.ladder.pages);
  return story.pages.filter((page) => numbers.has(page.n));
}

/**
 * Takes the next step: withdraws what the last one still holds and pages the contacts of the new one. After the last step
 * of the last round the incident is unacknowledged, unless Twilio accepted nothing: then the ladder starts again later.
 * @returns whether the ladder ended with nobody answering
 */
export function takeStep(story: Story, now: number): { exhausted: boolean } {
  withdrawUnsent(story);
  const { ladder, policy } = story;
  if (!policy || story.episode === null) return { exhausted: false };
  ladder.step += 1;
  ladder.steppedAt = now;
  ladder.pages = [];
  if (ladder.step >= policy.steps.length) {
    if (ladder.round >= policy.repeat) return endLadder(story, now);
    ladder.round += 1;
    ladder.step = 0;
  }
  const step = policy.steps[ladder.step];
  if (step) pageContacts(story, step, now);
  return { exhausted: false };
}

function pageContacts(story: Story, step: Step, now: number): void {
  for (const contact of step.page) {
    if (story.stopped.includes(contact)) {
      note(story, now, 'skipped', `${channelName[step.by]} to ${contact}: said STOP`);
      continue;
    }
    story.lastPage += 1;
    const n = story.lastPage;
    addPage(story, { n, contact, channel: step.by, askedAt: now, status: 'asked' });
    story.ladder.pages.push(n);
    story.outgoing.push({
      contact,
      signal: 'page',
      payload: {
        incident: story.id,
        pageId: `${story.episode}.${n}`,
        channel: step.by,
        facts: factsOf(story),
        wait: step.wait,
      },
    });
  }
}

function endLadder(story: Story, now: number): { exhausted: boolean } {
  const { ladder } = story;
  if (ladder.accepted) {
    story.state = 'unacknowledged';
    note(story, now, 'unacknowledged', 'Everybody was paged and nobody answered');
    return { exhausted: true };
  }
  const wait = restartWaits[Math.min(ladder.restarts, restartWaits.length - 1)] ?? 15 * minute;
  note(story, now, 'restarted', `No page of the ladder could be sent: it starts again in ${wait / minute} min`);
  startLadder(story, now, now + wait, ladder.restarts + 1);
  return { exhausted: false };
}

/** Takes back pages of the present step that were not sent, contact by contact. */
function withdrawUnsent(story: Story): void {
  const unsent = presentPages(story).filter((page) => page.status === 'asked' || page.status === 'held');
  for (const page of unsent) {
    page.status = 'failed';
    page.why = 'withdrawn';
    story.outgoing.push({ contact: page.contact, signal: 'withdraw', payload: withdrawal(story, page.n) });
  }
}

const withdrawal = (story: Story, upTo: number) => ({ incident: story.id, episode: story.episode ?? '', upTo });

/** Settles every page of the episode with everybody who was paged. */
export function settleAll(
  story: Story,
  how: 'acknowledged' | 'resolved' | 'recovered' | 'forgotten' | 'cancelled',
  by: string | null,
): void {
  story.outgoing = story.outgoing.filter(({ signal }) => signal !== 'page');
  for (const contact of pagedContacts(story)) {
    const payload = { ...withdrawal(story, story.lastPage), settled: { how, by } };
    story.outgoing.push({ contact, signal: 'withdraw', payload });
  }
}

/** Tells everybody who was paged, but for those named, that there is nothing to do. */
export function noticeAll(
  story: Story,
  kind: 'recovered' | 'resolved' | 'taken',
  by: string | null,
  except: string[],
): void {
  const contacts = pagedContacts(story).filter(
    (contact) => !except.includes(contact) && !story.stopped.includes(contact),
  );
  for (const contact of contacts) {
    const message: PagerMessage = {
      contact,
      signal: 'notice',
      payload: {
        noticeId: `${story.episode}:${kind}`,
        kind,
        incident: story.id,
        episode: story.episode ?? '',
        facts: factsOf(story),
        by,
      },
    };
    story.outgoing.push(message);
  }
}

/** What the pages of this incident say, kept small: a storm of them must fit in the pager's state. */
export function factsOf(story: Story): Facts {
  const { detail } = story;
  return {
    kind: story.item.kind,
    name: fit(detail?.name ?? story.item.name, 80),
    event: story.event,
    failures: story.failures,
    since: story.firstFailedAt,
    ...(detail?.project ? { project: fit(detail.project, 40) } : {}),
    ...(detail?.owner ? { owner: fit(detail.owner, 40) } : {}),
    ...(detail?.cause ? { cause: fit(detail.cause, 120) } : {}),
    ...(detail?.url && detail.url.length <= 120 ? { url: detail.url } : {}),
  };
}

/** "SMS to ana" for the step after the present one, or what happens after the last. */
export function nextStepText(story: Story): string {
  const { policy, ladder } = story;
  if (!policy) return 'Nothing';
  const following = policy.steps[ladder.step + 1] ?? (ladder.round < policy.repeat ? policy.steps[0] : undefined);
  if (!following) return ladder.accepted ? 'Unacknowledged' : 'The ladder starts again';
  return `${channelName[following.by]} to ${following.page.join(', ')}`;
}
