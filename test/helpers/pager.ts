import type { SendFailureType } from '../../src/workflows/activity-contract.js';
import type {
  AnswerResult,
  Channel,
  Facts,
  NoticeKind,
  ReplySignal,
  Settlement,
} from '../../src/workflows/contract.js';
import { receiveOutcome, retryDeferred, receiveReply } from '../../src/workflows/pager/replies.js';
import { newPager, openPager, type PagerState, type Outgoing } from '../../src/workflows/pager/state.js';
import { receiveNotice, queueDueNotices } from '../../src/workflows/pager/notices.js';
import { dropUnwanted, nextOn, receivePage, receiveWithdrawal } from '../../src/workflows/pager/outbox.js';
import { parseReply } from '../../src/workflows/reply-parser.js';
import { beginTry, failTry, finishTry, receiveReceipt } from '../../src/workflows/pager/delivery.js';

const usual = { windowMs: 60_000, callWindowMs: 180_000, messagesPerHour: 20, callsPerHour: 6 };

/** A pager's mailbox without a server: Twilio accepts what leaves, incidents answer what they are told to. */
export function mailboxOnPaper(settings: Partial<PagerState['settings']> = {}) {
  const pager = openPager(newPager('ana', { ...usual, ...settings }));
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
    const next = nextOn(pager, channel, now, id);
    if (next === null || !('send' in next)) throw new Error(`nothing leaves by ${channel}`);
    beginTry(pager, next.send, now);
    return next.send;
  }

  function sends(channel: Channel): string {
    const out = begin(channel);
    finishTry(pager, out.attempt, `SM-${out.attempt}`, now);
    return out.text;
  }

  return {
    pager,
    id,
    now: () => now,
    later(ms: number) {
      now += ms;
    },
    page(
      incident: string,
      n = 1,
      channel: Channel = 'whatsapp',
      facts: Partial<Facts> = {},
      wait = 300_000,
      newer?: PagerState['settings'],
    ) {
      const payload = {
        incident,
        pageId: `e-${incident}.${n}`,
        channel,
        facts: { ...factsOf(incident), ...facts },
        waitMs: wait,
      };
      receivePage(pager, { ...payload, ...(newer ? { settings: newer } : {}) }, now);
    },
    withdraw(incident: string, upTo: number, settled?: { how: Settlement; by: string | null }) {
      const episode = `e-${incident}`;
      receiveWithdrawal(pager, { incident, episode, upTo, ...(settled ? { settled } : {}) }, now);
      dropUnwanted(pager, new Set());
    },
    notice(incident: string, kind: NoticeKind = 'recovered', why?: string) {
      const noticeId = `e-${incident}:${kind}`;
      const facts = factsOf(incident);
      const notice = { noticeId, kind, incident, episode: `e-${incident}`, facts, by: 'lead', ...(why ? { why } : {}) };
      receiveNotice(pager, notice, now);
    },
    /** Notices that are due become texts. */
    news() {
      queueDueNotices(pager, now, id);
    },
    begin,
    /** Sends what leaves by a channel now and gives its text. */
    sends,
    /** What a channel waits for: milliseconds from now, null while nothing waits, 0 when something leaves now. */
    waits(channel: Channel): number | null {
      const next = nextOn(pager, channel, now, id);
      if (next === null) return null;
      return 'send' in next ? 0 : next.at - now;
    },
    why(channel: Channel): string | null {
      const next = nextOn(pager, channel, now, id);
      return next === null || 'send' in next ? null : next.why;
    },
    fails(out: Outgoing, type: SendFailureType, code: string) {
      return failTry(pager, out, { type, code }, now, id);
    },
    receipt(attempt: string, status: string, errorCode?: string) {
      receiveReceipt(
        pager,
        { attempt, sid: `SM-${attempt}`, status, at: now, ...(errorCode ? { errorCode } : {}) },
        now,
        id,
      );
    },
    replies(text: string, fields: Partial<ReplySignal> = {}) {
      const reply: ReplySignal = { replyId: id(), channel: 'whatsapp', command: parseReply(text), at: now, ...fields };
      receiveReply(pager, reply, now, id);
      dropUnwanted(pager, new Set());
    },
    sendsEnded() {
      retryDeferred(pager, now, id);
    },
    /** The incidents give every answer that waits the same result. */
    incidentsSay(result: AnswerResult, by: string | null = 'ana', until?: number) {
      for (const tell of pager.answers.splice(0)) {
        if (tell.signal !== 'answer') continue;
        receiveOutcome(pager, { answerId: tell.answerId, result, by, ...(until ? { until } : {}) }, now, id);
      }
    },
    /** "acknowledge sales", "sent sales", … for what waits to be told to incidents. */
    tells: () =>
      [...pager.reports, ...pager.answers].map(
        (tell) => `${tell.signal === 'answer' ? tell.verb : tell.signal} ${pager.byKey.get(tell.k)?.incident}`,
      ),
    forgetTells() {
      pager.reports = [];
      pager.answers = [];
    },
    /** "whatsapp page" for what is held, "whatsapp text" for what asks for nothing. */
    waiting: () => [
      ...pager.held.map(({ channel }) => `${channel} page`),
      ...pager.outbox.map((out) => `${out.channel} ${out.pages.length > 0 ? 'page' : 'text'}`),
    ],
    heard: () => pager.replies.at(-1)?.text ?? null,
  };
}
