import { ActivityCancellationType, proxyActivities, uuid4 } from '@temporalio/workflow';
import type { SendActivities } from '../send-contract.js';
import type { AnswerActivities, RequestActivities } from '../activity-contract.js';
import { taskQueues, type Channel } from '../contract.js';
import { type PagerInput } from '../pager-contract.js';
import { continueWithMemo, createDriver } from '../driver.js';
import type { ActivityEffect } from '../machine.js';
import {
  noticeSignal,
  pageSignal,
  receiptSignal,
  replyOutcomeQuery,
  replySignal,
  withdrawSignal,
} from '../messages.js';
import { packWithin } from './bounded-state.js';
import type { Result } from './results.js';
import { pagerMachine, type Call } from './machine.js';
import { unpackPager, type PackedPager } from './packed-state.js';
import { newPager, openPager, stateOf } from './state.js';
import { pagerDetails } from './view.js';

/** What an earlier run hands over when it continues as new. */
export interface PagerRun extends PagerInput {
  carried?: { state: PackedPager; now: number };
}

/**
 * A worker that takes over a pager replays its whole run, and a killed worker leaves it a hundred pagers at once. Temporal's own
 * suggestion comes after thousands of events.
 */
const maxEvents = 400;
/** In a storm a workflow task that replays more takes longer than the 10 s that it has on a busy machine, and so does each that follows. */
const maxBusyEvents = 500;

// One try per activity: the pager decides whether and how to try again, since it knows what the page is still worth.
const sendsOn = (taskQueue: string) =>
  proxyActivities<SendActivities>({
    taskQueue,
    // A try that looks for an earlier one waits 3 s, then takes up to 4 s for the list and 10 s for the send.
    startToCloseTimeout: '20s',
    retry: { maximumAttempts: 1 },
    // A send that has not begun is cancelled; the pager waits for one that has, since Twilio may have accepted it.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  });
const sends: Record<Channel, ReturnType<typeof sendsOn>> = {
  whatsapp: sendsOn(taskQueues.sends.whatsapp),
  sms: sendsOn(taskQueues.sends.sms),
  call: sendsOn(taskQueues.sends.call),
};
/** On the queue of the pager itself, where no rate is limited: the worker starts it with the completed workflow task. */
const sendsAlone = sendsOn(taskQueues.pagers);

const calls = proxyActivities<SendActivities>({
  taskQueue: taskQueues.sends.call,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  retry: { initialInterval: '1s', maximumAttempts: 3 },
});

// On the queue of the pager too. It lasts at most 5 s, so that it is repeated soon after a worker died.
const answering = proxyActivities<AnswerActivities>({
  taskQueue: taskQueues.pagers,
  startToCloseTimeout: '8s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

// On the queue of the pager too. Whoever asked waits for it.
const requests = proxyActivities<RequestActivities>({
  taskQueue: taskQueues.pagers,
  startToCloseTimeout: '5s',
  scheduleToCloseTimeout: '30s',
  // A run that continues as new does not wait for it.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', maximumAttempts: 3 },
});

// It may be repeated: what was made has the id that was prepared.
const makes = proxyActivities<RequestActivities>({
  taskQueue: taskQueues.pagers,
  // Up to 1 s to read overrides, and 5 s for the workflow of entries.
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '2m',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '10s' },
});

async function runActivity({ call, summary }: ActivityEffect<Call>): Promise<Result> {
  const options = { summary };
  switch (call.activity) {
    case 'answerIncidents': {
      const result = await answering.answerIncidents.executeWithOptions(options, [call.input]);
      return { activity: call.activity, result };
    }
    case 'whoIsOnCall': {
      const result = await requests.whoIsOnCall.executeWithOptions(options, []);
      return { activity: call.activity, result };
    }
    case 'prepareEntry': {
      const result = await requests.prepareEntry.executeWithOptions(options, [call.input]);
      return { activity: call.activity, result };
    }
    case 'makeEntry': {
      const result = await makes.makeEntry.executeWithOptions(options, [call.input]);
      return { activity: call.activity, result };
    }
    case 'send': {
      const { send } = call.isAlone ? sendsAlone : sends[call.channel];
      const result = await send.executeWithOptions(options, [call.input]);
      return { activity: call.activity, result };
    }
    case 'endCall':
      await calls.endCall.executeWithOptions(options, [call.input]);
      return { activity: call.activity };
  }
}

/** The pager of one contact: what was sent, what is open, what was answered. It never ends. */
export async function pager(input: PagerRun): Promise<void> {
  const { carried, ...start } = input;
  const fresh = newPager(start.contact, start.settings, uuid4());
  const state = openPager(carried ? unpackPager(fresh, carried.state) : fresh);
  const driver = createDriver({
    machine: pagerMachine,
    state,
    notBefore: carried?.now ?? 0,
    runActivity,
    details: (now) => pagerDetails(state, now),
    about: { contact: state.contact },
    maxEvents,
    maxBusyEvents,
    continueAsNew: (now) =>
      continueWithMemo({ ...start, carried: { state: packWithin(stateOf(state)), now } } satisfies PagerRun),
  });
  driver.onSignal(pageSignal, (page) => ({ type: 'page', page }));
  driver.onSignal(withdrawSignal, (withdrawal) => ({ type: 'withdraw', withdrawal }));
  driver.onSignal(noticeSignal, (notice) => ({ type: 'notice', notice }));
  driver.onSignal(replySignal, (reply) => ({ type: 'reply', reply }));
  driver.onSignal(receiptSignal, (receipt) => ({ type: 'receipt', receipt }));
  driver.onQuery(replyOutcomeQuery, (_now, replyId) => pagerMachine.view(state, { name: 'outcome', replyId }));
  await driver.run();
}
