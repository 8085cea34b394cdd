import assert from 'node:assert/strict';
import type { SendFailureType } from '../../src/workflows/send-contract.js';
import type { AnsweringResult } from '../../src/workflows/activity-contract.js';
import type { AnswerResult, Channel } from '../../src/workflows/contract.js';
import type {
  Facts,
  NoticeKind,
  NoticeSignal,
  PagerSettings,
  ReplySignal,
  Settlement,
} from '../../src/workflows/pager-contract.js';
import { raisedAlarms } from '../../src/workflows/pager/alarms.js';
import { beginAnswers } from '../../src/workflows/pager/answers.js';
import { beginTry } from '../../src/workflows/pager/delivery.js';
import { pagerMachine, type Input } from '../../src/workflows/pager/machine.js';
import { queueDueNotices } from '../../src/workflows/pager/notices.js';
import { dropUnwanted, nextOn } from '../../src/workflows/pager/outbox.js';
import { sendId } from '../../src/workflows/pager/send.js';
import type { Outgoing } from '../../src/workflows/pager/message-state.js';
import { newPager, openPager } from '../../src/workflows/pager/state.js';
import { parseReply } from '../../src/workflows/reply-parser.js';

const usual = { windowMs: 60_000, callWindowMs: 180_000, messagesPerHour: 20, callsPerHour: 6, answersPerHour: 20 };

/** "item-1", "item-2", … */
export const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `item-${n + 1}`);

/** A pager without a server: its machine handles every input, and Twilio accepts what the test sends. */
export function createPager(settings: Partial<PagerSettings> = {}) {
  const pager = openPager(newPager('ana', { ...usual, ...settings }, 'uuid'));
  let now = Date.parse('2026-03-01T03:00:00Z');
  let replies = 0;

  const input = (one: Input): void => pagerMachine.handle(pager, one, { now, draining: false });

  const factsOf = (name: string): Facts => ({
    kind: 'workbook',
    name,
    event: 'WorkbookRefreshFailed',
    failures: 1,
    since: now,
  });

  function begin(channel: Channel): Outgoing {
    const next = nextOn(pager, channel, now);
    if (next === null || !('send' in next)) throw new Error(`nothing leaves by ${channel}`);
    beginTry(pager, next.send, now);
    return next.send;
  }

  function sends(channel: Channel): string {
    const out = begin(channel);
    input({
      type: 'completed',
      id: sendId(out.attempt),
      result: { activity: 'send', result: { sid: `SM-${out.attempt}`, found: false } },
    });
    return out.text;
  }

  return {
    pager,
    input,
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
      newer?: PagerSettings,
    ) {
      const payload = {
        incident,
        pageId: `e-${incident}.${n}`,
        channel,
        facts: { ...factsOf(incident), ...facts },
        waitMs: wait,
      };
      input({ type: 'page', page: { ...payload, ...(newer ? { settings: newer } : {}) } });
    },
    withdraw(incident: string, upTo: number, settled?: { how: Settlement; by: string | null }) {
      const episode = `e-${incident}`;
      input({ type: 'withdraw', withdrawal: { incident, episode, upTo, ...(settled ? { settled } : {}) } });
      dropUnwanted(pager, now);
    },
    notice(incident: string, kind: NoticeKind = 'recovered', why?: string, channel?: NoticeSignal['channel']) {
      const noticeId = `e-${incident}:${kind}`;
      const facts = factsOf(incident);
      const more = { ...(why ? { why } : {}), ...(channel ? { channel } : {}) };
      input({
        type: 'notice',
        notice: {
          noticeId,
          kind,
          incident,
          episode: `e-${incident}`,
          facts,
          by: kind === 'not-rerun' ? null : 'lead',
          ...more,
        },
      });
    },
    /** Notices that are due become texts. */
    notices() {
      queueDueNotices(pager, now);
    },
    begin,
    /** Sends what leaves by a channel now and gives its text. */
    sends,
    /** What a channel waits for: milliseconds from now, null while nothing waits, 0 when something leaves now. */
    waits(channel: Channel): number | null {
      const next = nextOn(pager, channel, now);
      if (next === null) return null;
      return 'send' in next ? 0 : next.at - now;
    },
    why(channel: Channel): string | null {
      const next = nextOn(pager, channel, now);
      return next === null || 'send' in next ? null : next.why;
    },
    fails(out: Outgoing, type: SendFailureType, code: string) {
      input({ type: 'failed', id: sendId(out.attempt), failure: { type, message: code, detail: { code } } });
      return { final: !pager.outbox.includes(out) };
    },
    receipt(attempt: string, status: string, errorCode?: string) {
      const receipt = { attempt, sid: `SM-${attempt}`, status, at: now, ...(errorCode ? { errorCode } : {}) };
      input({ type: 'receipt', receipt });
    },
    replies(text: string, fields: Partial<ReplySignal> = {}) {
      replies += 1;
      const replyId = `reply-${replies}`;
      const command = parseReply(text);
      if (command === null) return;
      const reply: ReplySignal = { replyId, channel: 'whatsapp', command, at: now, ...fields };
      input({ type: 'reply', reply });
      dropUnwanted(pager, now);
    },
    /** The incidents give every answer that waits the same result. */
    incidentsAnswer(result: AnswerResult, by: string | null = 'ana', until?: number) {
      const outcome = { result, by, ...(until ? { until } : {}) };
      while (pager.answers.length > 0)
        this.outcomes(Object.fromEntries(pager.answers.map(({ answerId }) => [answerId, outcome])));
    },
    /** The activity begins that takes all answers to the incidents, and brings these outcomes. */
    outcomes(outcomes: AnsweringResult['outcomes'], failed: AnsweringResult['failed'] = {}) {
      const [begun] = beginAnswers(pager, now);
      assert.ok(begun, 'there is something to answer');
      const result = { outcomes, failed };
      input({ type: 'completed', id: begun.id, result: { activity: 'answerIncidents', result } });
    },
    /** "acknowledge sales", "sent sales", … for what waits to be signalled to incidents. */
    reports: () =>
      [...pager.reports, ...pager.answers].map(
        (report) => `${'verb' in report ? report.verb : report.signal} ${pager.byKey.get(report.key)?.incident}`,
      ),
    /** Codes of the alarms that last. */
    alarms: () => raisedAlarms(pager).map(({ code }) => code),
    dropReports() {
      pager.reports = [];
      pager.answers = [];
    },
    /** "whatsapp page" for what is held, "whatsapp text" for what asks for nothing. */
    waiting: () => [
      ...pager.held.map(({ channel }) => `${channel} page`),
      ...pager.outbox.map((out) => `${out.channel} ${out.pages.length > 0 ? 'page' : 'text'}`),
    ],
    /** The text that answered the newest reply, null while there is none. */
    replyText: () => pager.replies.at(-1)?.text ?? null,
  };
}
