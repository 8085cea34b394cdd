/** The messages and calls of a pager, from what its histories say. */
import type { PagerFact } from './pager-facts.js';
import type { MessageStatus, RecordedMessage } from './recorded-message.js';

/** The verbs that answer for what a message carries. */
const answers = new Set(['acknowledge', 'resolve', 'rerun', 'snooze']);

export interface PagerMessages {
  /** In the order in which they were requested. */
  messages: RecordedMessage[];
  /** The names of items by incident. */
  names: Map<string, string>;
}

/** @param facts of all runs of the pager of a contact, in order */
export function messagesIn(contact: string, facts: readonly PagerFact[]): PagerMessages {
  const byAttempt = new Map<string, RecordedMessage>();
  const names = new Map<string, string>();
  for (const fact of facts) apply(contact, byAttempt, names, fact);
  const messages = [...byAttempt.values()].filter(({ tries, statuses }) => tries > 0 || statuses.length > 0);
  return { messages, names };
}

function apply(
  contact: string,
  byAttempt: Map<string, RecordedMessage>,
  names: Map<string, string>,
  fact: PagerFact,
): void {
  const { at } = fact;
  switch (fact.type) {
    case 'named':
      names.set(fact.incident, fact.name);
      break;
    case 'send': {
      const { attempt, channel, incidents, segments } = fact;
      const known = byAttempt.get(attempt);
      // Each try says what is open then.
      if (known) Object.assign(known, { incidents, segments, tries: known.tries + 1 });
      else byAttempt.set(attempt, { ...newMessage(contact, fact), incidents, segments, channel });
      break;
    }
    case 'accepted':
      accept(byAttempt.get(fact.attempt), fact.sid, at);
      break;
    case 'refused':
      refuse(byAttempt.get(fact.attempt), fact);
      break;
    case 'receipt': {
      const message = byAttempt.get(fact.attempt);
      // Twilio's receipt can be faster than its answer.
      accept(message, fact.sid, at);
      const { status, code } = fact;
      addStatus(message, { at, status, ...(code !== undefined && { code }) });
      break;
    }
    case 'ending':
      addStatus(
        [...byAttempt.values()].find(({ sid }) => sid === fact.sid),
        { at, status: 'ending' },
      );
      break;
    case 'reply':
      applyReply([...byAttempt.values()], fact);
      break;
  }
}

const newMessage = (
  contact: string,
  { at, attempt, channel }: Extract<PagerFact, { type: 'send' }>,
): RecordedMessage => ({
  attempt,
  contact,
  channel,
  at,
  sid: null,
  acceptedAt: null,
  tries: 1,
  statuses: [],
  incidents: [],
  segments: 1,
  answered: null,
});

function accept(message: RecordedMessage | undefined, sid: string, at: number): void {
  if (!message || message.sid !== null) return;
  Object.assign(message, { sid, acceptedAt: at });
  addStatus(message, { at, status: 'accepted' });
}

/** Of copies of a receipt the first counts. */
function addStatus(message: RecordedMessage | undefined, status: MessageStatus): void {
  const isKnown = message?.statuses.some((one) => one.status === status.status && one.code === status.code);
  if (message && (!isKnown || status.status === 'refused')) message.statuses.push(status);
}

function refuse(message: RecordedMessage | undefined, fact: Extract<PagerFact, { type: 'refused' }>): void {
  if (!message) return;
  const { at, outcome, code } = fact;
  // Nothing was requested: the pager decided anew, or nobody needed it any more.
  if (outcome === 'rescheduled' || outcome === 'cancelled') message.tries -= 1;
  else addStatus(message, { at, status: outcome === 'unknown' ? 'uncertain' : 'refused', code });
}

function applyReply(messages: RecordedMessage[], reply: Extract<PagerFact, { type: 'reply' }>): void {
  if (!answers.has(reply.verb)) return;
  const { at, channel, attempt, sid } = reply;
  const isMeant = (message: RecordedMessage): boolean =>
    attempt === undefined
      ? sid === undefined
        ? message.channel === channel && message.incidents.length > 0 && message.tries > 0
        : message.sid === sid
      : message.attempt === attempt;
  const message = messages.findLast(isMeant);
  if (message) message.answered ??= { at, by: attempt === undefined ? 'reply' : 'key' };
}
