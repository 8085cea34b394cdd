import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { clear, raise } from './alarms.js';
import {
  channels,
  noticeSignal,
  outcomeSignal,
  pageSignal,
  receiptSignal,
  replyOutcomeQuery,
  replySignal,
  withdrawSignal,
  type Channel,
  type PagerInput,
} from '../contract.js';
import { receiveIncidentOver, receiveOutcome, retryDeferred, receiveReply } from './replies.js';
import { writeLines } from '../log-lines.js';
import { newPager, openPager, prune, stateOf, type Outgoing } from './state.js';
import { packPager, unpackPager, type PackedPager } from './packed-state.js';
import { noticesDueAt, receiveNotice, queueDueNotices } from './notices.js';
import { callsToEnd, dropUnwanted, isWanted, nextOn, receivePage, receiveWithdrawal, reportHeld } from './outbox.js';
import { pagerDetails } from './view.js';
import { abandonTry, beginTry, failTry, finishTry, receiveReceipt } from './delivery.js';
import { takeReports, reportToIncident } from './reports.js';
import { endCall, failureOf, send, workerEnded, type SendFailure } from './send.js';

/** What an earlier run hands over when it continues as new. */
interface PagerRun extends PagerInput {
  carried?: PackedPager;
}

/**
 * Events: a worker that takes a pager over has to hear all of its run first, and one that was killed leaves it a hundred pagers at once.
 * Temporal's own suggestion comes at thousands.
 */
const longRun = 400;

/** The durable mailbox of one contact: what was sent, what is open, what was answered. It never ends. */
export async function pager(input: PagerRun): Promise<void> {
  const pager = openPager(input.carried ? unpackPager(input.carried) : newPager(input.contact, input.settings));
  const inFlight = new Map<string, CancellationScope>();
  const sending = new Set<Channel>();
  let telling = false;
  let ending = 0;
  let changes = 0;
  let published = '';

  // A timer that has fired was due, whatever the clock says: see incident.ts.
  let atLeast = 0;
  const now = (): number => Math.max(atLeast, Date.now());
  const report = (): void => writeLines(pager.logLines, { contact: pager.contact });
  const changed = (): void => {
    changes += 1;
    report();
  };

  setHandler(pageSignal, (page) => {
    receivePage(pager, page, now());
    changed();
  });
  setHandler(withdrawSignal, (withdrawal) => {
    receiveWithdrawal(pager, withdrawal, now());
    changed();
  });
  setHandler(outcomeSignal, (outcome) => {
    receiveOutcome(pager, outcome, now(), uuid4);
    changed();
  });
  setHandler(noticeSignal, (notice) => {
    receiveNotice(pager, notice, now());
    changed();
  });
  setHandler(replySignal, (reply) => {
    receiveReply(pager, reply, now(), uuid4);
    changed();
  });
  setHandler(receiptSignal, (receipt) => {
    receiveReceipt(pager, receipt, now(), uuid4);
    retryDeferred(pager, now(), uuid4);
    changed();
  });
  setHandler(replyOutcomeQuery, (replyId) => {
    const text = pager.replies.find((reply) => reply.replyId === replyId)?.text ?? null;
    return text === null ? null : { text };
  });

  for (;;) {
    const seen = changes;
    takeBack();
    queueDueNotices(pager, now(), uuid4);
    const wakeAt = startSends();
    startTells();
    prune(pager, now());
    publish();
    report();
    if (canEndRun()) {
      await continueAsNew<(input: PagerRun) => Promise<void>>({ ...input, carried: packPager(stateOf(pager)) });
    }
    const moved = (): boolean => changes !== seen;
    if (wakeAt === null) await condition(moved);
    else if (!(await condition(moved, Math.max(1, wakeAt.at - now()), { summary: wakeAt.why }))) atLeast = wakeAt.at;
  }

  /** A long run ends when nothing waits, and is not made to wait for it before Temporal says so: signals would put it off again and again. */
  function canEndRun(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (inFlight.size > 0 || telling || ending > 0) return false;
    if (continueAsNewSuggested) return true;
    const isIdle = pager.outbox.length === 0 && pager.held.length === 0;
    // Runs that were longer before there was this rule end as they would have.
    return isIdle && historyLength >= longRun && patched('short-runs');
  }

  /** What nobody needs any more is not sent, and does not ring. */
  function takeBack(): void {
    for (const out of pager.outbox) {
      if (!isWanted(pager, out)) inFlight.get(out.attempt)?.cancel();
    }
    dropUnwanted(pager, new Set(inFlight.keys()));
    for (const call of callsToEnd(pager)) {
      call.endedByUs = true;
      if (call.sid !== null) void end(call.sid);
    }
  }

  /** Starts what may leave now, one message at a time on each channel, and says when to look again. */
  function startSends(): { at: number; why: string } | null {
    const waits: { at: number; why: string }[] = [];
    const news = noticesDueAt(pager, now());
    if (news !== null) waits.push({ at: news, why: 'Notices' });
    // Between runs nothing new is begun, so that the next run can begin.
    const free = workflowInfo().continueAsNewSuggested ? [] : channels.filter((channel) => !sending.has(channel));
    for (const channel of free) {
      const next = nextOn(pager, channel, now(), uuid4);
      if (next === null) continue;
      if ('send' in next) {
        void sendOne(next.send);
        continue;
      }
      reportHeld(pager, channel, next.at, next.why);
      if (next.capped) alarm(`${channel}-limit`, channel, 'The hourly limit of this contact is reached');
      waits.push({ at: next.at, why: next.why });
    }
    return waits.reduce<{ at: number; why: string } | null>(
      (first, wait) => (first === null || wait.at < first.at ? wait : first),
      null,
    );
  }

  async function sendOne(out: Outgoing): Promise<void> {
    const scope = new CancellationScope();
    sending.add(out.channel);
    inFlight.set(out.attempt, scope);
    beginTry(pager, out, now());
    try {
      const { sid } = await scope.run(() => send(pager, out, now()));
      finishTry(pager, out.attempt, sid, now());
      for (const code of clear(pager, out.channel))
        log.info('An alarm is over', { contact: pager.contact, alarm: code });
    } catch (error) {
      if (isCancellation(error)) abandonTry(pager, out.attempt);
      else noteFailure(out, failureOf(error));
    } finally {
      inFlight.delete(out.attempt);
      sending.delete(out.channel);
      retryDeferred(pager, now(), uuid4);
      changed();
    }
  }

  function noteFailure(out: Outgoing, { type, code, operator }: SendFailure): void {
    const { final } = failTry(pager, out, { type, code }, now(), uuid4);
    if (type === 'again') return;
    if (type === 'recipient') {
      if (operator) alarm(`twilio-${code}`, out.channel, 'A message was refused for what an operator has to mend');
    } else if (code !== workerEnded || !patched('worker-ended')) {
      alarm(
        `twilio-${code}`,
        out.channel,
        final ? 'Twilio took no message in all its time' : 'Twilio does not take messages',
      );
    }
  }

  function alarm(code: string, channel: Channel, text: string): void {
    if (raise(pager, code, channel, now())) log.error(text, { alarm: code, contact: pager.contact });
  }

  function startTells(): void {
    // What is not told when the run is over is told by the next.
    const tells = telling || workflowInfo().continueAsNewSuggested ? [] : takeReports(pager);
    if (tells.length === 0) return;
    telling = true;
    void Promise.all(
      tells.map(async (tell) => {
        if (!(await reportToIncident(pager, tell))) receiveIncidentOver(pager, tell.k, now(), uuid4);
      }),
    ).then(() => {
      telling = false;
      changed();
    });
  }

  async function end(sid: string): Promise<void> {
    ending += 1;
    await endCall(pager.contact, sid);
    ending -= 1;
    changed();
  }

  /** Alarms are in the memo, where the api finds them without asking a worker. */
  function publish(): void {
    setCurrentDetails(pagerDetails(pager, now()));
    const alarms = Object.entries(pager.alarms).map(([code, { since }]) => ({
      code,
      since: new Date(since).toISOString(),
    }));
    const text = JSON.stringify(alarms);
    if (text === published || (published === '' && alarms.length === 0)) return;
    published = text;
    upsertMemo({ pager: { contact: pager.contact, alarms } });
  }
}
