/**
 * What events, answers and reports do to an incident. Pure; nothing here throws, and everything is idempotent by id.
 */
import type { AnswerResult, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from './contract.js';
import { noticeAll, settleAll, startLadder } from './escalation.js';
import { isNew, isOpen, note, recordAnswer, type Page, type Story } from './story.js';
import { channelName, whatHappened } from './texts.js';

/**
 * Takes one delivery. An event with a policy is a failure; one without is a success. Deliveries come in any order, so only
 * `createdAt` counts; of a failure and a success in the same second the failure stands.
 * @param newEpisode the id of the episode that this event opens, if it opens one
 */
export function applyEvent(story: Story, { event, policy }: EventSignal, now: number, newEpisode: string): void {
  if (!isNew(story, `${event.type} ${event.createdAt}`)) return;
  story.lastEventAt = Math.max(story.lastEventAt, now);
  if (!policy) {
    applySuccess(story, event.createdAt, now);
    return;
  }
  const created = new Date(event.createdAt).toISOString();
  if (story.lastSucceededAt !== null && event.createdAt < story.lastSucceededAt) {
    note(story, now, 'stale', `${event.type} of ${created} came late: a later refresh has succeeded`);
    return;
  }
  const newest = event.createdAt > story.lastFailedAt;
  if (newest) {
    story.item = event.item;
    story.event = event.type;
  }
  story.failureSeenAt = now;
  if (!isOpen(story)) {
    // Over, and the failure belongs to the trouble that is over.
    if (story.state !== null && !newest) {
      note(story, now, 'stale', `${event.type} of ${created} came late`);
      return;
    }
    story.failures = 1;
    story.firstFailedAt = event.createdAt;
    story.lastFailedAt = event.createdAt;
    note(story, now, 'failed', `${event.type}: ${whatHappened(event.type)} at ${created}`);
    open(story, policy, now, newEpisode);
    return;
  }
  story.failures += 1;
  story.firstFailedAt = Math.min(story.firstFailedAt, event.createdAt);
  story.lastFailedAt = Math.max(story.lastFailedAt, event.createdAt);
  note(story, now, 'failed', `${event.type}: ${whatHappened(event.type)} again at ${created}`);
}

function open(story: Story, policy: NonNullable<EventSignal['policy']>, now: number, newEpisode: string): void {
  story.episode = newEpisode;
  story.openedAt = now;
  story.policy = policy;
  story.lastPage = 0;
  story.pages = [];
  story.stopped = [];
  story.acknowledgedBy = null;
  story.overAt = null;
  story.detail = null;
  startLadder(story, now, now, 0);
}

function applySuccess(story: Story, createdAt: number, now: number): void {
  story.lastSucceededAt = Math.max(story.lastSucceededAt ?? 0, createdAt);
  if (!isOpen(story)) return;
  if (createdAt <= story.lastFailedAt) {
    note(story, now, 'stale', 'A success came late: it has failed since');
    return;
  }
  note(story, now, 'recovered', `Refreshed again at ${new Date(createdAt).toISOString()}`);
  settleAll(story, 'recovered', null);
  noticeAll(story, 'recovered', null, []);
  story.state = 'resolved';
  story.overAt = now;
}

/**
 * Takes an answer and says what became of it.
 * @returns null for a copy of an answer that was taken before
 */
export function applyAnswer(story: Story, answer: AnswerSignal, now: number): AnswerResult | null {
  if (story.answers.some(({ id }) => id === answer.answerId)) return null;
  const result = outcomeOf(story, answer, now);
  recordAnswer(story, answer.answerId, result);
  if (answer.contact !== undefined) {
    // Before what follows from the answer, so that the person hears of it first.
    const payload = { answerId: answer.answerId, result, by: story.acknowledgedBy ?? answer.by };
    story.outgoing.unshift({ contact: answer.contact, signal: 'outcome', payload });
  }
  return result;
}

function outcomeOf(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  if (answer.episode !== undefined && answer.episode !== story.episode) return 'closed';
  if (!isOpen(story)) return story.state === 'resolved' && answer.verb === 'resolve' ? 'resolved' : 'closed';
  switch (answer.verb) {
    case 'acknowledge':
      return acknowledge(story, answer, now);
    case 'resolve':
      note(story, now, 'resolved', `Resolved by ${answer.by}`);
      settleAll(story, 'resolved', answer.by);
      noticeAll(story, 'resolved', answer.by, [answer.contact ?? answer.by]);
      story.state = 'resolved';
      story.overAt = now;
      return 'resolved';
    case 'stop':
      return stop(story, answer, now);
  }
}

function acknowledge(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  if (story.state === 'acknowledged') return story.acknowledgedBy === answer.by ? 'taken' : 'already';
  note(story, now, 'acknowledged', `Acknowledged by ${answer.by}`);
  story.state = 'acknowledged';
  story.acknowledgedBy = answer.by;
  settleAll(story, 'acknowledged', answer.by);
  noticeAll(story, 'taken', answer.by, [answer.contact ?? answer.by]);
  return 'taken';
}

function stop(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  const contact = answer.contact ?? answer.by;
  if (!story.stopped.includes(contact)) story.stopped.push(contact);
  note(story, now, 'stopped', `${contact} said STOP`);
  for (const page of story.pages) {
    if (page.contact === contact && page.status !== 'failed') {
      page.status = 'failed';
      page.why = 'stopped';
    }
  }
  const others = (story.policy?.steps ?? []).flatMap((step) => step.page).filter((one) => !story.stopped.includes(one));
  if (others.length === 0 && story.state !== 'acknowledged') acknowledge(story, answer, now);
  return 'stopped';
}

/** The page that a pager reports on, unless it is of an episode that is over. */
function pageOf(story: Story, pageId: string): Page | undefined {
  const dot = pageId.lastIndexOf('.');
  if (pageId.slice(0, dot) !== story.episode) return undefined;
  return story.pages.find(({ n }) => n === Number(pageId.slice(dot + 1)));
}

export function applySent(story: Story, { pageId, at }: SentSignal, now: number): void {
  const page = pageOf(story, pageId);
  if (!page || page.sentAt !== undefined) return;
  page.sentAt = at;
  story.ladder.accepted ||= page.n >= story.ladder.firstPage;
  // A receipt can be faster than the report that it was sent, and a withdrawal can be slower.
  if (page.status !== 'failed') page.status = 'sent';
  note(story, now, 'sent', `${channelName[page.channel]} to ${page.contact}`);
}

export function applyHeld(story: Story, { pageId, until, why }: HeldSignal, now: number): void {
  const page = pageOf(story, pageId);
  if (!page || (page.status !== 'asked' && page.status !== 'held')) return;
  if (page.why !== why) note(story, now, 'held', `${channelName[page.channel]} to ${page.contact}: ${why}`);
  page.status = 'held';
  page.heldUntil = until;
  page.why = why;
}

export function applyFailed(story: Story, { pageId, code }: FailedSignal, now: number): void {
  const page = pageOf(story, pageId);
  if (!page || page.status === 'failed') return;
  page.status = 'failed';
  page.why = code;
  note(story, now, 'undelivered', `${channelName[page.channel]} to ${page.contact}: ${code}`);
}
