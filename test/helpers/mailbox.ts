import type { Channel, Command, Facts, ReplySignal } from '../../src/workflows/contract.js';
import { receiveOutcome, receiveParked, receiveReply } from '../../src/workflows/conversation.js';
import { newMailbox, type Outgoing } from '../../src/workflows/mailbox.js';
import {
  beginTry,
  dropUnwanted,
  failTry,
  finishTry,
  nextDue,
  receiveNotice,
  receivePage,
  receiveReceipt,
  receiveWithdrawal,
} from '../../src/workflows/outbox.js';
import { parseReply } from '../../src/workflows/replies.js';

/** A pager's mailbox without a server. Twilio accepts what `sends` is called for; incidents answer what they are told to. */
export function mailboxOnPaper() {
  const box = newMailbox({ contact: 'ana' });
  let now = Date.parse('2026-03-01T03:00:00Z');
  let ids = 0;
  const id = (): string => `attempt-${(ids += 1)}`;

  const factsOf = (name: string): Facts => ({
    kind: 'workbook',
    name,
    event: 'WorkbookRefreshFailed',
    failures: 1,
    since: now,
  });

  function begin(channel: Channel): Outgoing {
    const out = nextDue(box, channel);
    if (!out) throw new Error(`nothing waits for ${channel}`);
    beginTry(box, out, now);
    return out;
  }

  return {
    box,
    now: () => now,
    later(ms: number) {
      now += ms;
    },
    page(incident: string, n = 1, channel: Channel = 'whatsapp', wait = 300_000) {
      const payload = { incident, pageId: `e-${incident}.${n}`, channel, facts: factsOf(incident), wait };
      receivePage(box, payload, now, id());
    },
    withdraw(incident: string, upTo: number, settled?: { how: 'acknowledged' | 'recovered'; by: string | null }) {
      const episode = `e-${incident}`;
      receiveWithdrawal(box, { incident, episode, upTo, ...(settled ? { settled } : {}) }, now);
      dropUnwanted(box, new Set());
    },
    notice(incident: string, kind: 'recovered' | 'taken' = 'recovered') {
      const noticeId = `e-${incident}:${kind}`;
      const facts = factsOf(incident);
      receiveNotice(box, { noticeId, kind, incident, episode: `e-${incident}`, facts, by: 'lead' }, now, id());
    },
    begin,
    /** Sends what waits for a channel and gives its text. */
    sends(channel: Channel): string {
      const out = begin(channel);
      finishTry(box, out.attempt, `SM-${out.attempt}`, now);
      return out.text ?? '';
    },
    fails(out: Outgoing, type: 'recipient' | 'configuration' | 'outage' | 'unknown', code: string) {
      return failTry(box, out, { type, code }, now);
    },
    receipt(attempt: string, status: string, errorCode?: string) {
      receiveReceipt(box, { attempt, sid: `SM-${attempt}`, status, at: now, ...(errorCode ? { errorCode } : {}) }, now);
    },
    replies(text: string, more: Partial<ReplySignal> & { sending?: boolean } = {}) {
      const { sending = false, ...fields } = more;
      const command: Command = parseReply(text);
      const reply: ReplySignal = { replyId: id(), channel: 'whatsapp', command, at: now, ...fields };
      receiveReply(box, reply, now, sending, id());
    },
    sendsEnded() {
      receiveParked(box, now, false, id);
    },
    /** The incidents give every answer that waits the same result. */
    incidentsSay(result: 'taken' | 'already' | 'resolved' | 'stopped' | 'closed', by: string | null = 'ana') {
      for (const tell of box.tells.splice(0)) {
        if (tell.signal === 'answer') {
          receiveOutcome(box, { answerId: tell.payload.answerId, result, by }, now, id());
        }
      }
    },
    /** "acknowledge sales", "sent sales", … for what waits to be told to incidents. */
    tells: () =>
      box.tells.map((tell) => `${tell.signal === 'answer' ? tell.payload.verb : tell.signal} ${tell.incident}`),
    waiting: () => box.queue.map((out) => `${out.channel} ${out.kind}`),
    lastText: () => box.queue.at(-1)?.text ?? null,
    heard: () => box.replies.at(-1)?.text ?? null,
  };
}
