/** The activities of the simulator: they take time, their workers die, and their results come late. */
import type { SendInput } from '../../src/workflows/send-contract.js';
import type {
  AnsweringResult,
  IncidentAnswer,
  PagerMessage,
  SignallingResult,
} from '../../src/workflows/activity-contract.js';
import type { Failure } from '../../src/workflows/machine.js';
import { minute, second, type AnswerOutcome } from '../../src/workflows/contract.js';
import type { Clock } from './clock.js';
import type { Faults } from './night.js';
import type { Random } from './random.js';
import { failure, type SimulatedTwilio } from './twilio.js';

type SendEnd = { sid: string; found: boolean } | { failure: Failure } | 'cancelled';

export interface RunningActivity {
  cancel: () => void;
}

interface Options {
  clock: Clock;
  random: Random;
  faults: () => Faults;
  twilio: SimulatedTwilio;
  /** Whether an answer may be on its way, as the real activity finds out by describing workflows. */
  hasPendingAnswer: (sources: NonNullable<SendInput['answerSources']>, contact: string) => boolean;
  /** From now until then nobody can signal the pager of a contact. */
  onUnreachable: (contact: string, until: number) => void;
}

/** Older tries are rescheduled without sending: see `src/activities/twilio.ts`. */
const staleMs = 2_000;
const startToCloseMs = 20_000;
const lookPauseMs = 3_000;
const contactTimeoutMs = 5_000;
const answersWithinMs = 5_000;
/** After this time Temporal repeats the activity of a worker that died. */
const answersStartToCloseMs = 8_000;

export interface Activities {
  /** A send as `src/activities/twilio.ts` does it: `end` is called once. */
  send: (input: SendInput, end: (result: SendEnd) => void) => RunningActivity;
  /** Signals all pagers at once, each in order; a worker that dies in between leaves the next one to begin anew. */
  signalPagers: (
    messages: readonly PagerMessage[],
    deliver: (message: PagerMessage, isFirstAttempt: boolean) => void,
    end: (result: SignallingResult) => void,
  ) => RunningActivity;
  /** Takes answers to their incidents; a worker that dies has told no outcome. */
  answerIncidents: (answers: readonly IncidentAnswer[], answer: Answer, end: (result: AnsweringResult) => void) => void;
}

/** Gives an answer to its incident, which says the outcome when it has taken it; false when it does not run. */
export type Answer = (answer: IncidentAnswer, taken: (outcome: AnswerOutcome) => void) => boolean;

export function createActivities(options: Options): Activities {
  const { clock, random, faults, twilio, hasPendingAnswer } = options;
  const unreachableUntil = new Map<string, number>();

  function send(input: SendInput, end: (result: SendEnd) => void): RunningActivity {
    const requestedAt = clock.now();
    let hasBegun = false;
    let hasEnded = false;
    const finish = (result: SendEnd): void => {
      if (hasEnded) return;
      hasEnded = true;
      end(result);
    };
    const delayMs = random.chance(faults().lag) ? random.between(0, 5_000) : random.between(1, 30);
    clock.after(delayMs, () => {
      if (hasEnded) return;
      hasBegun = true;
      begin();
    });

    function begin(): void {
      if (input.retry) {
        clock.after(lookPauseMs, () => {
          const earlier = twilio.find(input);
          finish(earlier ? { sid: earlier.sid, found: true } : { failure: failure('rescheduled', 'not-found') });
        });
        return;
      }
      const isStale = clock.now() - requestedAt > staleMs;
      const { answerSources } = input;
      if (answerSources && (isStale || !answerSources.onlyWhenStale)) ask(answerSources);
      else request();
    }

    function ask(sources: NonNullable<SendInput['answerSources']>): void {
      clock.after(300, () => {
        if (hasPendingAnswer(sources, input.contact)) finish({ failure: failure('rescheduled', 'stale-attempt') });
        else request();
      });
    }

    function request(): void {
      const dies = random.chance(faults().repeat);
      // Its worker dies before or after the request: Temporal notices by the time-out alone.
      if (dies && random.chance(0.5)) {
        clock.after(startToCloseMs, () => finish({ failure: failure('timeout', 'timeout') }));
        return;
      }
      clock.after(random.between(20, 600), () => {
        const result = twilio.request(input);
        const lateMs = dies ? startToCloseMs : random.between(5, 400);
        const known: SendEnd = 'sid' in result ? { ...result, found: false } : result;
        clock.after(lateMs, () => finish(dies ? { failure: failure('timeout', 'timeout') } : known));
      });
    }

    return {
      // One that has begun is waited for, since Twilio may have accepted it.
      cancel: () => {
        if (!hasBegun) finish('cancelled');
      },
    };
  }

  /** Whether the pager of a contact cannot be signalled; where that begins, some signals may have arrived. */
  function reach(contact: string): { fails: boolean; some: boolean } {
    const now = clock.now();
    if (now < (unreachableUntil.get(contact) ?? 0)) return { fails: true, some: false };
    if (!random.chance(faults().unreachable)) return { fails: false, some: false };
    const until = now + random.pick([5 * second, 20 * second, 3 * minute, 10 * minute] as const);
    unreachableUntil.set(contact, until);
    options.onUnreachable(contact, until);
    return { fails: true, some: random.chance(0.3) };
  }

  function signalPagers(
    messages: readonly PagerMessage[],
    deliver: (message: PagerMessage, isFirstAttempt: boolean) => void,
    end: (result: SignallingResult) => void,
  ): RunningActivity {
    let isCancelled = false;
    const attempt = (isFirst: boolean): void => {
      const dies = random.chance(faults().repeat);
      const startMs = random.chance(faults().lag) ? random.between(0, 3_000) : random.between(1, 30);
      const contacts = [...new Set(messages.map(({ contact }) => contact))];
      const results = contacts.map((contact) => {
        const theirs = messages.filter((message) => message.contact === contact);
        const { fails, some } = reach(contact);
        const most = fails && !some ? 0 : theirs.length;
        const count = dies || some ? random.between(0, most) : most;
        const takenMs = signalInOrder(theirs.slice(0, count), startMs, isFirst);
        return { contact, fails, endMs: fails ? startMs + contactTimeoutMs : takenMs };
      });
      const endMs = Math.max(startMs, ...results.map((result) => result.endMs));
      const unreached = results.flatMap(({ contact, fails }) => (fails ? [{ contact, why: 'signal limit' }] : []));
      if (dies) clock.after(endMs + 10_000, () => !isCancelled && attempt(false));
      else clock.after(endMs, () => !isCancelled && end({ unreached }));
    };
    /** When the last has arrived. */
    function signalInOrder(some: readonly PagerMessage[], startMs: number, isFirst: boolean): number {
      let delayMs = startMs;
      for (const message of some) {
        clock.after(delayMs, () => {
          // What was under way when it was cancelled may yet arrive.
          if (!isCancelled || random.chance(0.3)) deliver(message, isFirst);
        });
        delayMs += random.between(1, 20);
      }
      return delayMs;
    }
    attempt(true);
    return { cancel: () => (isCancelled = true) };
  }

  function answerIncidents(
    answers: readonly IncidentAnswer[],
    answer: Answer,
    end: (result: AnsweringResult) => void,
  ): void {
    const dies = random.chance(faults().repeat);
    const result: AnsweringResult = { outcomes: {}, failed: {} };
    let isOver = false;
    const finish = (): void => {
      if (isOver) return;
      isOver = true;
      for (const { answer: one } of answers)
        if (result.outcomes[one.answerId] === undefined) result.failed[one.answerId] = 'deadline exceeded';
      if (dies) clock.after(answersStartToCloseMs, () => answerIncidents(answers, answer, end));
      else clock.after(random.between(1, 20), () => end(result));
    };
    const note = (answerId: string, outcome: AnswerOutcome | null): void => {
      if (isOver) return;
      result.outcomes[answerId] = outcome;
      if (answers.every((one) => result.outcomes[one.answer.answerId] !== undefined)) finish();
    };
    const startMs = random.chance(faults().lag) ? random.between(0, 3_000) : random.between(1, 30);
    for (const one of answers) {
      const { answerId } = one.answer;
      if (random.chance(faults().unreachable)) continue;
      clock.after(startMs + random.between(1, 30), () => {
        if (!answer(one, (outcome) => note(answerId, outcome))) note(answerId, null);
      });
    }
    clock.after(startMs + answersWithinMs, finish);
  }

  return { send, signalPagers, answerIncidents };
}
