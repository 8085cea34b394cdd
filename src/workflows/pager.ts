import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import {
  channels,
  incidentWorkflowId,
  noticeSignal,
  outcomeSignal,
  pageSignal,
  receiptSignal,
  replyOutcomeQuery,
  replySignal,
  sendFailureTypes,
  taskQueues,
  withdrawSignal,
  type Channel,
  type PagerInput,
  type SendActivities,
  type SendFailureType,
  type SendInput,
} from './contract.js';
import { receiveGone, receiveOutcome, receiveParked, receiveReply } from './conversation.js';
import { newMailbox, openItems, prune, type Mailbox, type Outgoing, type Tell } from './mailbox.js';
import {
  abandonTry,
  beginTry,
  callsToEnd,
  dropUnwanted,
  failTry,
  finishTry,
  isWanted,
  nextDue,
  receiveNotice,
  receivePage,
  receiveReceipt,
  receiveWithdrawal,
} from './outbox.js';
import { channelName } from './texts.js';

// One try per activity: whether and how to try again is decided here, where it is known what the page is still worth.
const sendsBy = (channel: Channel) =>
  proxyActivities<SendActivities>({
    taskQueue: taskQueues.sends[channel],
    // A try that looks first takes 3 s of waiting, and up to 4 s for the list and 10 s for the send.
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
    // A send that has not begun is cancelled; one that has is waited for, since it may have been accepted.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
const sends = { whatsapp: sendsBy('whatsapp'), sms: sendsBy('sms'), call: sendsBy('call') };

const calls = proxyActivities<SendActivities>({
  taskQueue: taskQueues.sends.call,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

/** More signals to incidents than this at once freeze the server's task for seconds. */
const tellsAtOnce = 50;

/** What an earlier run hands over when it continues as new. */
interface PagerRun extends PagerInput {
  carried?: Mailbox;
}

/** The durable mailbox of one contact: what was sent, what is open, what was answered. It never ends. */
export async function pager(input: PagerRun): Promise<void> {
  const box: Mailbox = input.carried ?? newMailbox(input);
  const scopes = new Map<string, CancellationScope>();
  const sending = new Set<Channel>();
  let telling = false;
  let ending = 0;
  let changes = 0;

  const now = (): number => Date.now();
  const isSending = (): boolean => sending.size > 0;
  const changed = (): void => {
    changes += 1;
    const inFlight = new Set(scopes.keys());
    for (const out of box.queue) {
      const scope = scopes.get(out.attempt);
      if (scope && !isWanted(box, out)) scope.cancel();
    }
    dropUnwanted(box, inFlight);
    for (const call of callsToEnd(box)) {
      call.endedByUs = true;
      if (call.sid !== null) void endCall(call.sid);
    }
  };

  setHandler(pageSignal, (page) => {
    receivePage(box, page, now(), uuid4());
    changed();
  });
  setHandler(withdrawSignal, (withdrawal) => {
    receiveWithdrawal(box, withdrawal, now());
    changed();
  });
  setHandler(outcomeSignal, (outcome) => {
    receiveOutcome(box, outcome, now(), uuid4());
    changed();
  });
  setHandler(noticeSignal, (notice) => {
    receiveNotice(box, notice, now(), uuid4());
    changed();
  });
  setHandler(replySignal, (reply) => {
    receiveReply(box, reply, now(), isSending(), uuid4());
    changed();
  });
  setHandler(receiptSignal, (receipt) => {
    receiveReceipt(box, receipt, now());
    changed();
  });
  setHandler(replyOutcomeQuery, (replyId) => {
    const text = box.replies.find((reply) => reply.replyId === replyId)?.text ?? null;
    return text === null ? null : { text };
  });

  for (;;) {
    publish();
    startSends();
    startTells();
    const idle = scopes.size === 0 && !telling && ending === 0;
    if (workflowInfo().continueAsNewSuggested && idle) {
      prune(box, now());
      await continueAsNew<typeof pager>({ ...input, carried: box });
    }
    await wait();
  }

  /** Until something changes, or something that waits is due. */
  async function wait(): Promise<void> {
    const seen = changes;
    const moved = (): boolean => changes !== seen;
    const due = idleChannels().flatMap((channel) => nextDue(box, channel) ?? []);
    if (due.length === 0) {
      await condition(moved);
      return;
    }
    const first = due.reduce((best, out) => (out.notBefore < best.notBefore ? out : best));
    const summary = `${channelName[first.channel]}, trying again`;
    await condition(moved, Math.max(1, first.notBefore - now()), { summary });
  }

  /** Channels that may send now: one message at a time, and none while an earlier run waits to be continued. */
  function idleChannels(): Channel[] {
    if (workflowInfo().continueAsNewSuggested) return [];
    return channels.filter((channel) => !sending.has(channel));
  }

  function startSends(): void {
    for (const channel of idleChannels()) {
      const out = nextDue(box, channel);
      if (out && out.notBefore <= now()) void sendOne(out);
    }
  }

  async function sendOne(out: Outgoing): Promise<void> {
    const scope = new CancellationScope();
    sending.add(out.channel);
    scopes.set(out.attempt, scope);
    beginTry(box, out, now());
    try {
      const { sid } = await scope.run(() =>
        sends[out.channel].send.executeWithOptions({ summary: summaryOf(out) }, [inputOf(out)]),
      );
      finishTry(box, out.attempt, sid, now());
    } catch (error) {
      if (isCancellation(error)) abandonTry(box, out.attempt);
      else noteFailure(out, failureOf(error));
    } finally {
      scopes.delete(out.attempt);
      sending.delete(out.channel);
      receiveParked(box, now(), isSending(), uuid4);
      changed();
    }
  }

  function noteFailure(out: Outgoing, failure: { type: SendFailureType; code: string }): void {
    const { final } = failTry(box, out, failure, now());
    const about = { contact: box.contact, channel: out.channel, code: failure.code, final };
    if (failure.type === 'recipient') log.warn('A message could not be sent to this contact', about);
    else log.error('Twilio did not accept a message', { ...about, alarm: `twilio-${failure.type}` });
  }

  function inputOf(out: Outgoing): SendInput {
    const knownSids = box.sent.flatMap(({ sid }) => sid ?? []);
    return {
      attempt: out.attempt,
      contact: box.contact,
      channel: out.channel,
      text: out.text ?? '',
      validity: Math.max(0, out.until - now()),
      ...(out.variables ? { variables: out.variables } : {}),
      ...(out.uncertain ? { retry: { firstTriedAt: out.firstTriedAt ?? now(), knownSids: knownSids.slice(-50) } } : {}),
    };
  }

  function startTells(): void {
    if (telling || box.tells.length === 0) return;
    telling = true;
    void tellIncidents(box.tells.splice(0, tellsAtOnce));
  }

  async function tellIncidents(tells: Tell[]): Promise<void> {
    await Promise.all(tells.map(tellOne));
    telling = false;
    changed();
  }

  async function tellOne(tell: Tell): Promise<void> {
    try {
      await getExternalWorkflowHandle(incidentWorkflowId(tell.incident)).signal(tell.signal, tell.payload);
    } catch (error) {
      log.info('The incident is over', { incident: tell.incident, signal: tell.signal, error: String(error) });
      receiveGone(box, tell.incident, now(), uuid4);
    }
  }

  async function endCall(sid: string): Promise<void> {
    ending += 1;
    try {
      await calls.endCall.executeWithOptions({ summary: 'End the call' }, [{ contact: box.contact, sid }]);
    } catch (error) {
      log.warn('A call that nobody needs any more could not be ended', { contact: box.contact, error: String(error) });
    } finally {
      ending -= 1;
      changed();
    }
  }

  function publish(): void {
    prune(box, now());
    setCurrentDetails(detailsOf(box));
  }
}

const summaryOf = (out: Outgoing): string => `${channelName[out.channel]} ${out.kind}`;

function failureOf(error: unknown): { type: SendFailureType; code: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) return { type: 'unknown', code: 'timeout' };
  const type = sendFailureTypes.find((one) => one === cause.type) ?? 'unknown';
  const detail: unknown = cause.details?.[0];
  const code =
    typeof detail === 'object' && detail !== null && 'code' in detail && typeof detail.code === 'string'
      ? detail.code
      : 'unknown';
  return { type, code };
}

function detailsOf(box: Mailbox): string {
  const open = openItems(box);
  return [
    `Pager of \`${box.contact}\`: **${open.length} open**, ${box.queue.length} waiting to be sent`,
    ...(box.stopped.length > 0 ? [`Stopped: ${box.stopped.map((one) => channelName[one]).join(', ')}`] : []),
    '',
    ...open.slice(0, 20).map((item) => `- [${item.number}] ${item.facts.name.replaceAll('|', '\\|')}`),
  ].join('\n');
}
