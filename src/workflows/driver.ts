/**
 * Runs a state machine on Temporal: signals and results become inputs, effects become commands, and `wakeAt` becomes a timer. It
 * decides nothing. The simulator (test/simulation) is the other driver of the same machines.
 */
import { defineSearchAttributeKey, SearchAttributeType, type UpdateDefinition } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  setHandler,
  sleep,
  TimeoutFailure,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
  type QueryDefinition,
  type SignalDefinition,
} from '@temporalio/workflow';
import { second } from './contract.js';
import {
  latestOf,
  type ActivityEffect,
  type DriverInput,
  type Effect,
  type Env,
  type Failure,
  type LogLine,
  type Machine,
  type Wake,
} from './machine.js';

/**
 * Temporal refuses a continue-as-new while a signal arrives, and the worker then replays the whole run, during which many more arrive. So a
 * run continues only after a workflow task with few inputs, which was fast, and looks again after a moment where there are none.
 */
const mostInputs = 2;
const quietMs = second;

type SignalOf = { name: string; payload: unknown };

interface Timer {
  at: number;
  hasFired: boolean;
  scope: CancellationScope;
}

export interface DriverOptions<State, Input, Call, Result, Signal extends SignalOf> {
  machine: Machine<State, Input | DriverInput<Result>, Effect<Call, Signal>, unknown>;
  state: State;
  /** The clock of the run before this one, which must not go back. */
  notBefore: number;
  /** Runs one activity; the table of a workflow's activities with their options. */
  runActivity: (effect: ActivityEffect<Call>) => Promise<Result>;
  /** Markdown for the Web UI, free of charge: it is no event in the history. */
  details: (now: number) => string;
  /** Fields of every log line. */
  about: LogLine['about'];
  /** Events after which a run with nothing to wait for continues as new, before Temporal suggests it. */
  maxEvents?: number;
  /** Events after which any other run does: a worker that has to replay it takes time for each. */
  maxBusyEvents?: number;
  /** Passes the state and the clock to the next run. */
  continueAsNew: (now: number) => Promise<never>;
}

export interface Driver<Input> {
  /** A signal becomes an input. */
  onSignal: <T>(definition: SignalDefinition<[T]>, toInput: (payload: T) => Input, description?: string) => void;
  /** An update becomes an input, and gets a response at once. */
  onUpdate: <T, Response>(
    definition: UpdateDefinition<Response, [T]>,
    toInput: (payload: T) => Input,
    respond: (payload: T) => Response,
    description?: string,
  ) => void;
  onQuery: <T, Args extends unknown[]>(
    definition: QueryDefinition<T, Args>,
    answer: (now: number, ...args: Args) => T,
    description?: string,
  ) => void;
  /** Runs until the machine ends, the workflow is cancelled, or it continues as new. */
  run: () => Promise<void>;
}

export function createDriver<State, Input, Call, Result, Signal extends SignalOf>(
  options: DriverOptions<State, Input, Call, Result, Signal>,
): Driver<Input> {
  const { machine, state, about } = options;
  const activities = new Map<string, CancellationScope>();
  let inputs = 0;
  let inputsAtOnce = 0;
  let clock = options.notBefore;
  /** One that fires before anything is due is kept, and the next one started then: to replace it each time would cost more. */
  let timer: Timer | null = null;

  function env(): Env {
    clock = Math.max(clock, Date.now());
    return { now: clock, draining: isLong() };
  }

  function isLong(): boolean {
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    return continueAsNewSuggested || historyLength >= (options.maxBusyEvents ?? Number.POSITIVE_INFINITY);
  }

  function receive(input: Input | DriverInput<Result>): void {
    machine.handle(state, input, env());
    inputs += 1;
  }

  function perform(effect: Effect<Call, Signal>): void {
    switch (effect.type) {
      case 'activity':
        void runActivity(effect).then(receive);
        break;
      case 'signal':
        void sendSignal(effect).then(receive);
        break;
      case 'cancel':
        activities.get(effect.id)?.cancel();
        break;
      case 'log':
        log[effect.line.level](effect.line.message, { ...about, ...effect.line.about });
        break;
      case 'memo':
        upsertMemo(effect.memo);
        break;
      case 'search-attributes':
        upsertSearchAttributes(
          Object.entries(effect.values).map(([name, value]) => ({
            key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
            value,
          })),
        );
        break;
      case 'end':
        break;
    }
  }

  async function runActivity(effect: ActivityEffect<Call>): Promise<DriverInput<Result>> {
    const { id } = effect;
    const scope = new CancellationScope();
    activities.set(id, scope);
    try {
      return { type: 'completed', id, result: await scope.run(() => options.runActivity(effect)) };
    } catch (error) {
      return isCancellation(error) ? { type: 'cancelled', id } : { type: 'failed', id, failure: failureOf(error) };
    } finally {
      activities.delete(id);
    }
  }

  async function sendSignal(effect: Extract<Effect<Call, Signal>, { type: 'signal' }>): Promise<DriverInput<Result>> {
    const { id, workflowId, signal } = effect;
    try {
      await getExternalWorkflowHandle(workflowId).signal(signal.name, signal.payload);
      return { type: 'signalled', id };
    } catch (error) {
      return { type: 'failed', id, failure: { type: 'signal', message: String(error), detail: undefined } };
    }
  }

  /** Waits for an input after the first `seen`, or for the time at which the machine wants to go on. */
  async function wait(seen: number): Promise<void> {
    const hasInput = (): boolean => inputs !== seen;
    const wake = isContinuing()
      ? { at: clock + quietMs, why: 'Wait for a quiet moment to continue as new' }
      : machine.wakeAt(state, env());
    if (wake === null || (timer !== null && timer.at > latestOf(wake))) stopTimer();
    if (wake !== null) timer ??= startTimer(wake);
    await condition(() => hasInput() || timer?.hasFired === true);
    if (!timer?.hasFired) return;
    // A timer that has fired was due, whatever the clock shows: the clocks of two servers differ.
    clock = Math.max(clock, timer.at);
    timer = null;
  }

  function startTimer(wake: Wake): Timer {
    const at = latestOf(wake);
    const started: Timer = { at, hasFired: false, scope: new CancellationScope() };
    void started.scope
      .run(() => sleep(Math.max(1, at - clock), { summary: wake.why }))
      .then(
        () => (started.hasFired = true),
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
    return started;
  }

  function stopTimer(): void {
    timer?.scope.cancel();
    timer = null;
  }

  /** It waits for nothing but a moment in which it can continue as new. */
  const isContinuing = (): boolean => isLong() && !machine.hasInFlight(state);

  async function continueIfLong(): Promise<void> {
    if (machine.hasInFlight(state)) return;
    const isLongForIdle = (): boolean =>
      workflowInfo().historyLength >= (options.maxEvents ?? Number.POSITIVE_INFINITY) &&
      machine.wakeAt(state, env()) === null;
    if (isLong() ? inputsAtOnce <= mostInputs : isLongForIdle()) await options.continueAsNew(clock);
  }

  async function loop(): Promise<void> {
    let seen = 0;
    for (;;) {
      inputsAtOnce = inputs - seen;
      seen = inputs;
      const effects = machine.advance(state, env());
      effects.forEach(perform);
      setCurrentDetails(options.details(clock));
      const end = effects.find((effect) => effect.type === 'end');
      if (end?.cancelled === true) throw new CancelledFailure('The workflow was cancelled');
      if (end) return;
      await continueIfLong();
      await wait(seen);
    }
  }

  return {
    onSignal: (definition, toInput, description) =>
      setHandler(definition, (payload) => receive(toInput(payload)), description === undefined ? {} : { description }),
    onUpdate: (definition, toInput, respond, description) =>
      setHandler(
        definition,
        (payload) => {
          receive(toInput(payload));
          return respond(payload);
        },
        description === undefined ? {} : { description },
      ),
    onQuery: (definition, answer, description) =>
      setHandler(definition, (...args) => answer(clock, ...args), description === undefined ? {} : { description }),
    run: () => {
      // A cancelled workflow still has to notify its pagers, so that the machine decides when it ends.
      void CancellationScope.current().cancelRequested.catch(() => receive({ type: 'cancel-requested' }));
      return CancellationScope.nonCancellable(loop);
    },
  };
}

/**
 * Continues as new with the memo as it is. By default the next run would begin with the memo that this one began with, while the state that it
 * takes over says that more is published.
 */
export const continueWithMemo = (run: object): Promise<never> =>
  makeContinueAsNewFunc<(run: object) => Promise<void>>({ memo: workflowInfo().memo ?? {} })(run);

function failureOf(error: unknown): Failure {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure)
    return { type: cause.type ?? 'unknown', message: cause.message, detail: cause.details?.[0] };
  return { type: cause instanceof TimeoutFailure ? 'timeout' : 'unknown', message: String(error), detail: undefined };
}
