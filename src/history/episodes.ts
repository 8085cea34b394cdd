/** The episodes of an incident, from what its history says. It follows src/workflows/incident/episode.ts: only `createdAt` orders deliveries. */
import { seedFrom } from './carried.js';
import type { Answer, Fact } from './incident-facts.js';
import { learn, newReading, open, type Reading } from './reading.js';
import { refreshNotPromised } from '../workflows/freshness-contract.js';
import { endings, type Ending, type RecordedEpisode } from './recorded.js';

/** @param facts of all runs of the incident, in order */
export function episodesIn(incident: string, facts: readonly Fact[]): RecordedEpisode[] {
  const reading = newReading(incident);
  for (const fact of facts) apply(reading, fact);
  return reading.episodes;
}

function apply(reading: Reading, fact: Fact): void {
  const { open: episode } = reading;
  switch (fact.type) {
    case 'carried':
      // The run before it was read as well, mostly.
      if (reading.seen.size === 0) seedFrom(reading, fact.state);
      break;
    case 'event':
      applyEvent(reading, fact);
      break;
    case 'page':
      applyPage(reading, fact);
      break;
    case 'sent': {
      const page = reading.episodes.at(-1)?.pages.find(({ id }) => id === fact.pageId);
      if (page) page.sentAt ??= fact.sentAt;
      break;
    }
    case 'answer':
      applyAnswer(reading, fact);
      break;
    case 'silenced':
      applySilenced(reading, fact);
      break;
    case 'settled': {
      const how = endings.find((ending) => ending === fact.how) ?? (fact.how === 'cancelled' ? 'stopped' : null);
      if (how !== null && fact.episode === reading.openId) end(reading, how, fact.at);
      break;
    }
    case 'learnt': {
      // The look-up of an episode can end after it.
      const last = reading.episodes.at(-1);
      if (last) learn(last, fact.detail);
      break;
    }
    case 'owner':
      if (episode) episode.owner = fact.contact;
      break;
    case 'ignored':
      // Once people were paged it changes nothing.
      if (episode?.pages.length === 0) end(reading, 'ignored', fact.at);
      break;
    case 'state':
      if (episode) applyState(reading, episode, fact);
      break;
    case 'stopped':
      end(reading, 'stopped', fact.at);
      break;
  }
}

function end(reading: Reading, how: Ending, at: number, byAnswer = false, by?: string): void {
  if (reading.open) reading.open.end = { at, how, byAnswer, ...(by !== undefined && { by }) };
  reading.open = null;
}

function applyEvent(reading: Reading, { at, event, policy }: Extract<Fact, { type: 'event' }>): void {
  const delivery = `${event.type} ${event.untrueCreatedAt ?? event.createdAt}`;
  if (reading.seen.has(delivery)) return;
  reading.seen.add(delivery);
  const { createdAt } = event;
  // The incident decides whether it ends: it settles its pages then.
  if (event.type === refreshNotPromised) return;
  if (!policy) {
    applySuccess(reading, event.type, createdAt, at);
    return;
  }
  if (reading.lastSucceededAt !== null && createdAt < reading.lastSucceededAt) return;
  const isNewest = reading.episodes.length === 0 || createdAt > reading.lastFailedAt;
  if (!reading.open && isNewest) {
    open(reading, {
      incident: reading.incident,
      item: event.item,
      event: event.type,
      // By the clock of the api, which may be ahead.
      at: Math.min(event.receivedAt, at),
      deliveredAt: at,
      policy: policy.name,
      hasRerun: policy.rerun !== undefined,
    });
  }
  if (reading.open) reading.open.reported += 1;
  reading.lastFailedAt = Math.max(reading.lastFailedAt, createdAt);
}

function applySuccess(reading: Reading, type: string, createdAt: number, at: number): void {
  if (type.endsWith('Deleted')) {
    if (createdAt >= reading.lastFailedAt) end(reading, 'deleted', at);
    return;
  }
  reading.lastSucceededAt = Math.max(reading.lastSucceededAt ?? 0, createdAt);
  if (createdAt > reading.lastFailedAt) end(reading, 'recovered', at);
}

function applyPage(reading: Reading, fact: Extract<Fact, { type: 'page' }>): void {
  const { open: episode } = reading;
  const { at, pageId, contact, channel, isLast } = fact;
  // A copy says what was learnt meanwhile.
  if (!episode || episode.pages.some(({ id }) => id === pageId)) return;
  const episodeId = pageId.slice(0, pageId.lastIndexOf('.'));
  if (reading.openId !== null && reading.openId !== episodeId) return;
  reading.openId = episodeId;
  if (reading.isPaused && !isLast) {
    episode.rounds.push({ at, silencedAt: null });
    reading.isPaused = false;
  }
  const round = episode.rounds.length - 1;
  episode.pages.push({ id: pageId, contact, by: channel, requestedAt: at, sentAt: null, round });
  reading.signalled.set(fact.activity, [...(reading.signalled.get(fact.activity) ?? []), pageId]);
}

function applyAnswer(reading: Reading, { at, answer, result }: Extract<Fact, { type: 'answer' }>): void {
  const { open: episode } = reading;
  if (!episode || !counts(reading, answer, result)) return;
  const round = episode.rounds.length - 1;
  const isFirst = episode.answers.every((other) => other.round !== round);
  if (isFirst) episode.answers.push({ at, contact: answer.contact ?? null, round, by: answer.by, verb: answer.verb });
  reading.isPaused = true;
  if (answer.verb === 'resolve') end(reading, 'resolved', at, isFirst, answer.by);
}

const counts = (reading: Reading, answer: Answer, result: string | undefined): boolean =>
  result !== 'closed' &&
  result !== 'already' &&
  (answer.episode === undefined || reading.openId === null || answer.episode === reading.openId);

/** The pages of the activity went to nobody. */
function applySilenced(reading: Reading, { at, activity }: Extract<Fact, { type: 'silenced' }>): void {
  const { open: episode } = reading;
  const held = new Set(reading.signalled.get(activity));
  if (!episode || held.size === 0) return;
  episode.pages = episode.pages.filter(({ id, sentAt }) => sentAt !== null || !held.has(id));
  const round = episode.rounds.at(-1);
  if (round) round.silencedAt = at;
  reading.isPaused = true;
}

/** What the workflow published of its state: it shows what no event says, such as a recovery that Tableau was asked for. */
function applyState(reading: Reading, episode: RecordedEpisode, fact: Extract<Fact, { type: 'state' }>): void {
  if (fact.policy !== '') episode.policy = fact.policy;
  if (fact.state === 'unacknowledged') reading.isPaused = true;
  if (fact.state === 'forgotten') end(reading, 'forgotten', fact.at);
  if (fact.state === 'resolved') end(reading, 'recovered', fact.at);
}
