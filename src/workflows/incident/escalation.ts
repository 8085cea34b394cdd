/**
 * How an incident climbs the ladder of its policy. Pure: time comes in, decisions go out.
 */
import type { Step } from '../contract.js';
import { addPage, idleLadder, logDecision, minute, note, type Decision, type Page, type Story } from './state.js';
import { factsOf, withdrawal } from './pager-messages.js';
import { channelName } from '../words.js';

/** The first page waits this long for what Tableau knows of the item. */
export const detailBudget = 1_000;
/** Whether a failure that came late has healed since is waited for this long. */
export const healingBudget = 5_000;
/** A pager that says nothing of a page for this long is given up on. */
export const silenceLimit = 5 * minute;
/** Before a ladder in which Twilio accepted no page is climbed again; the last one repeats. */
const restartWaits = [1 * minute, 2 * minute, 5 * minute, 15 * minute] as const;

export function startLadder(story: Story, now: number, notBefore: number, restarts: number): void {
  story.state = 'triggered';
  story.ladder = { ...idleLadder(now, story.lastPage + 1), notBefore, restarts };
}

export function climb(story: Story, now: number): Decision {
  const { ladder } = story;
  if (ladder.step < 0) {
    const detailUntil = story.openedAt + detailBudget;
    if (story.detail === null && now < detailUntil) return { do: 'wait', until: detailUntil, what: 'Asking Tableau' };
    if (now < ladder.notBefore) return { do: 'wait', until: ladder.notBefore, what: 'The ladder starts again' };
    return { do: 'step' };
  }
  const standing = standingOf(story);
  if (standing.until !== null && now < standing.until) {
    return {
      do: 'wait',
      until: standing.until,
      what: standing.isUnsent ? 'Waiting until it is sent' : nextStepText(story),
    };
  }
  return { do: 'step' };
}

/** Until when the present step waits (null: it is over), and whether none of its pages was sent yet. */
function standingOf(story: Story): { until: number | null; isUnsent?: true } {
  const step = presentStep(story);
  const pages = presentPages(story);
  const live = pages.filter((page) => page.status !== 'failed');
  if (!step || live.length === 0) return { until: null };
  const sentAt = pages.flatMap((page) => (page.sentAt === undefined ? [] : [page.sentAt]));
  if (sentAt.length > 0) return { until: Math.min(...sentAt) + step.wait };
  const held = live.flatMap((page) => (page.heldUntil === undefined ? [] : [page.heldUntil]));
  if (held.length > 0) {
    const last = Math.max(...held);
    const over = story.ladder.steppedAt + step.wait;
    // What is held for longer than the step lasts is not waited for: another channel may be free.
    return { until: last > over ? over : Math.max(last, story.ladder.steppedAt) + silenceLimit, isUnsent: true };
  }
  return { until: story.ladder.steppedAt + silenceLimit, isUnsent: true };
}

/** Nothing has been done for the first episode but asking Tableau. */
export const hasOnlyBegun = ({ state, ladder, rerun, healing }: Story): boolean =>
  state === 'triggered' && ladder.step < 0 && ladder.firstPage === 1 && !rerun && !healing;

/** The pagers were told of the present step, and none has said yet what became of it, as it does within milliseconds. */
export function isUnheard(story: Story): boolean {
  const pages = presentPages(story);
  return story.state === 'triggered' && pages.length > 0 && pages.every(({ status }) => status === 'asked');
}

/** Contacts who were paged in this episode before the present step. */
export const pagedBefore = ({ pages, ladder }: Story): string[] => [
  ...new Set(pages.flatMap(({ n, contact }) => (ladder.pages.includes(n) ? [] : [contact]))),
];

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
  const { ladder, policy } = story;
  // By the story and not by the clock, for a replay has to do the same.
  ladder.dueAt = standingOf(story).until;
  withdrawUnsent(story, now);
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
  if (step) {
    const place = { step: ladder.step + 1, round: ladder.round + 1 };
    logDecision(story, 'step', { ...place, channel: step.by, contacts: step.page });
    pageContacts(story, step, now);
  }
  return { exhausted: false };
}

function pageContacts(story: Story, step: Step, now: number): void {
  for (const contact of step.page) {
    if (story.stopped.includes(contact)) {
      note(story, now, 'skipped', `${channelName[step.by]} to ${contact}: said STOP`, {
        channel: step.by,
        contact,
        why: 'said STOP',
      });
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
  // Also when nobody is left to be paged, since all said STOP.
  if (ladder.accepted || story.lastPage < ladder.firstPage) {
    story.state = 'unacknowledged';
    note(story, now, 'unacknowledged', 'Everybody was paged and nobody answered');
    return { exhausted: true };
  }
  const wait = restartWaits[Math.min(ladder.restarts, restartWaits.length - 1)] ?? 15 * minute;
  note(story, now, 'restarted', `No page of the ladder could be sent: it starts again in ${wait / minute} min`, {
    why: 'no page could be sent',
    minutes: wait / minute,
  });
  startLadder(story, now, now + wait, ladder.restarts + 1);
  return { exhausted: false };
}

/** Takes back pages of the present step of which it was not heard that they were sent, contact by contact, and says so. */
function withdrawUnsent(story: Story, now: number): void {
  const unsent = presentPages(story).filter((page) => page.status === 'asked' || page.status === 'held');
  for (const page of unsent) {
    const { contact, channel } = page;
    const why = page.status === 'held' ? 'held until its step was over' : 'nothing was heard of it in its step';
    note(story, now, 'skipped', `${channelName[channel]} to ${contact}: ${why}`, { channel, contact, why });
    page.status = 'failed';
    page.why = 'withdrawn';
    story.outgoing.push({ contact, signal: 'withdraw', payload: withdrawal(story, page.n) });
  }
}

/** "SMS to ana" for the step after the present one, or what happens after the last. */
export function nextStepText(story: Story): string {
  const { policy, ladder } = story;
  if (!policy) return 'Nothing';
  const following = policy.steps[ladder.step + 1] ?? (ladder.round < policy.repeat ? policy.steps[0] : undefined);
  if (!following) return ladder.accepted ? 'Unacknowledged' : 'The ladder starts again';
  return `${channelName[following.by]} to ${following.page.join(', ')}`;
}
