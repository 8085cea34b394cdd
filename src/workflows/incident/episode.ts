/**
 * What events, answers and reports do to an incident. Pure; nothing here throws, and everything is idempotent by id.
 */
import type { AnswerResult, AnswerSignal, EventSignal, FailedSignal, HeldSignal, SentSignal } from '../contract.js';
import { recover, resolveBy } from './resolve.js';
import { startLadder } from './escalation.js';
import { remind } from './remind.js';
import { failureDuringRerun, wantRerun } from './rerun.js';
import { roleOnly } from '../roles.js';
import { isNew, isOpen, logDecision, minute, note, recordAnswer, type Page, type Story } from './state.js';
import { snooze } from './snooze.js';
import { noticeAll, noticeTo, settleAll, withdrawal } from './pager-messages.js';
import { channelName, kindName, whatHappened } from '../words.js';

/** A first event that came later than this after its `created_at` may be over already. */
const late = minute;

/**
 * Takes one delivery. An event with a policy is a failure; one without is a success. Deliveries come in any order, so only
 * `createdAt` counts; of a failure and a success in the same second the failure stands.
 * @param newEpisode the id of the episode that this event opens, if it opens one
 */
export function applyEvent(story: Story, { event, policy }: EventSignal, now: number, newEpisode: string): void {
  if (!isNew(story, `${event.type} ${event.createdAt}`)) return;
  story.lastEventAt = Math.max(story.lastEventAt, now);
  if (!policy) {
    if (event.type.endsWith('Deleted')) applyDeletion(story, event.createdAt, now);
    else applySuccess(story, event.createdAt, now);
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
    if (canBeRefreshed(story) && event.receivedAt - event.createdAt > late)
      story.healing = { askedAt: null, done: false, failedAt: event.createdAt };
    return;
  }
  story.failures += 1;
  story.firstFailedAt = Math.min(story.firstFailedAt, event.createdAt);
  story.lastFailedAt = Math.max(story.lastFailedAt, event.createdAt);
  note(story, now, 'failed', `${event.type}: ${whatHappened(event.type)} again at ${created}`);
  if (newest) failureDuringRerun(story, now);
  if (story.remindAt !== null && now >= story.remindAt) remind(story, now);
}

const canBeRefreshed = ({ item }: Story): boolean => item.kind === 'workbook' || item.kind === 'datasource';

function open(story: Story, policy: NonNullable<EventSignal['policy']>, now: number, newEpisode: string): void {
  const again = story.episode !== null;
  story.episode = newEpisode;
  story.openedAt = now;
  story.policy = policy;
  story.lastPage = 0;
  story.pages = [];
  story.stopped = [];
  story.acknowledgedBy = null;
  story.acknowledgedContact = null;
  story.snoozedUntil = null;
  story.remindAt = null;
  story.overAt = null;
  story.detail = null;
  story.lookedUp = null;
  story.healing = null;
  story.rerun = null;
  startLadder(story, now, now, 0);
  logDecision(story, again ? 'reopened' : 'opened', { event: story.event, policy: policy.name });
  if (policy.rerun && canBeRefreshed(story)) wantRerun(story, { by: null, contact: null }, now, policy.rerun.wait);
}

function applySuccess(story: Story, createdAt: number, now: number): void {
  story.lastSucceededAt = Math.max(story.lastSucceededAt ?? 0, createdAt);
  if (!isOpen(story)) return;
  if (createdAt <= story.lastFailedAt) {
    note(story, now, 'stale', 'A success came late: it has failed since');
    return;
  }
  recover(story, now, 'recovered', `Refreshed again at ${new Date(createdAt).toISOString()}`);
}

function applyDeletion(story: Story, createdAt: number, now: number): void {
  if (isOpen(story) && createdAt >= story.lastFailedAt) recover(story, now, 'deleted', 'Deleted in Tableau');
}

/** What Tableau was asked about a late first event. */
export function applyHealing(story: Story, episode: string, healed: boolean, now: number): void {
  if (story.episode !== episode || story.healing === null) return;
  // It has failed again since it was asked about: the success may be older than that.
  if (healed && story.lastFailedAt > story.healing.failedAt) {
    story.healing = { askedAt: null, done: false, failedAt: story.lastFailedAt };
    return;
  }
  story.healing.done = true;
  // Whoever was paged meanwhile, since Tableau was slow, is told.
  if (healed && isOpen(story)) recover(story, now, 'recovered', 'It has been refreshed since');
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
    const until = story.state === 'snoozed' ? story.snoozedUntil : story.remindAt;
    const by = story.acknowledgedBy ?? answer.by;
    const isPresent = answer.episode === undefined || answer.episode === story.episode;
    const payload = {
      answerId: answer.answerId,
      result,
      by,
      ...(until === null ? {} : { until }),
      ...(isPresent ? { upTo: story.lastPage } : {}),
    };
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
      resolveBy(story, now, answer.by, answer.contact);
      return 'resolved';
    case 'rerun':
      return rerun(story, answer, now);
    case 'snooze':
      return snooze(story, answer, now);
    case 'stop':
      return stop(story, answer, now);
  }
}

/** `told` is the contact whose pager settles its pages by the outcome of the answer. */
function acknowledge(story: Story, answer: AnswerSignal, now: number, told = answer.contact): AnswerResult {
  if (story.state === 'acknowledged') return story.acknowledgedBy === answer.by ? 'taken' : 'already';
  note(story, now, 'acknowledged', `Acknowledged by ${answer.by}`, { by: roleOnly(answer.by) });
  story.state = 'acknowledged';
  story.acknowledgedBy = answer.by;
  story.acknowledgedContact = answer.contact ?? null;
  story.snoozedUntil = null;
  story.remindAt = now + (story.policy?.remind ?? 0);
  story.reminded = false;
  settleAll(story, 'acknowledged', answer.by, told);
  noticeAll(story, 'taken', answer.by, answer.contact ?? answer.by);
  return 'taken';
}

/** Acknowledges, and runs the refresh again unless that is under way. */
function rerun(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  const taken = acknowledge(story, answer, now);
  if (!canBeRefreshed(story)) {
    const why = `${kindName(story.item.kind)}s have no refresh.`;
    if (answer.contact !== undefined) noticeTo(story, [answer.contact], 'not-rerun', null, why);
    return taken;
  }
  if (story.rerun === null) {
    note(story, now, 'rerun', `${answer.by} runs it again`, { by: roleOnly(answer.by), result: 'asked' });
    wantRerun(story, { by: answer.by, contact: answer.contact ?? null }, now, story.policy?.rerun?.wait);
  } else if (story.rerun.by === null) {
    // The policy's own is under way: from now on it is theirs.
    story.rerun.by = answer.by;
    story.rerun.contact = answer.contact ?? null;
  }
  return 'rerunning';
}

function stop(story: Story, answer: AnswerSignal, now: number): AnswerResult {
  const contact = answer.contact ?? answer.by;
  if (!story.stopped.includes(contact)) story.stopped.push(contact);
  note(story, now, 'stopped', `${contact} said STOP`, { contact });
  for (const page of story.pages) {
    if (page.contact === contact && page.status !== 'failed') {
      page.status = 'failed';
      page.why = 'stopped';
    }
  }
  // What is on its way to the pager, or waits there, is taken back.
  story.outgoing = story.outgoing.filter((message) => message.signal !== 'page' || message.contact !== contact);
  if (story.lastPage > 0)
    story.outgoing.push({ contact, signal: 'withdraw', payload: withdrawal(story, story.lastPage) });
  const others = (story.policy?.steps ?? []).flatMap((step) => step.page).filter((one) => !story.stopped.includes(one));
  if (others.length === 0 && story.state !== 'acknowledged') acknowledge(story, answer, now, '');
  return 'stopped';
}

/** The page that a pager reports on, unless it is of an episode that is over. */
function pageOf(story: Story, pageId: string): Page | undefined {
  const dot = pageId.lastIndexOf('.');
  if (pageId.slice(0, dot) !== story.episode) return undefined;
  return story.pages.find(({ n }) => n === Number(pageId.slice(dot + 1)));
}

export function applySent(story: Story, { pageId, at, read }: SentSignal, now: number): void {
  const page = pageOf(story, pageId);
  if (page && read) note(story, now, 'read', `${channelName[page.channel]} to ${page.contact} was read`);
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
