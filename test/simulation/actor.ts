/** One workflow in the simulator: a machine with a state, and inputs that wait for its next workflow task. */
import assert from 'node:assert/strict';
import { latestOf, type Env, type Machine } from '../../src/workflows/machine.js';
import type { Clock } from './clock.js';
import type { Random } from './random.js';

export interface Actor<State, Input> {
  id: string;
  state: () => State;
  /** @param taken is called when a workflow task has taken it: an update, which is lost where a worker dies with it */
  receive: (input: Input, taken?: () => void) => void;
  /** Plans the first workflow task of a workflow that is started without a signal. */
  begin: () => void;
  /** Whether inputs wait, or a workflow task that is not done. */
  hasTask: () => boolean;
  hasEnded: () => boolean;
}

export interface ActorOptions<State, Input, Effect extends { type: string }> {
  id: string;
  machine: Machine<State, Input, Effect, unknown>;
  state: State;
  clock: Clock;
  random: Random;
  /** The probabilities of this moment. */
  faults: () => { crash: number; lag: number; continueAsNew: number };
  /** What the next run makes of what this one hands over. */
  carry: (state: State) => State;
  /** A copy that shares nothing. */
  clone: (state: State) => State;
  perform: (effect: Effect, state: State) => void;
  /** After a workflow task that has not ended the workflow. */
  onTaskDone?: (state: State) => void;
  /** Before a workflow task takes an input. */
  onInput?: (input: Input, state: State) => void;
  trace: (text: () => string) => void;
}

/** A worker that died is noticed after this time. */
const taskTimeoutMs = 10_000;
/** How many tasks are done twice, to see that they do the same. */
const checkedTasks = 0.003;

export function createActor<State, Input, Effect extends { type: string }>(
  options: ActorOptions<State, Input, Effect>,
): Actor<State, Input> {
  const { id, machine, clock, random, faults, trace } = options;
  let { state } = options;
  const inbox: { input: Input; taken?: (() => void) | undefined }[] = [];
  let isPlanned = false;
  let hasEnded = false;
  let draining = false;
  let timers = 0;
  let latest = 0;

  function plan(delayMs = random.chance(faults().lag) ? random.between(0, 4_000) : random.between(1, 20)): void {
    if (isPlanned || hasEnded) return;
    isPlanned = true;
    clock.after(delayMs, task);
  }

  /** Takes the inputs and says what begins. */
  function turn(on: State, inputs: readonly Input[], env: Env): Effect[] {
    for (const input of inputs) machine.handle(on, input, env);
    return machine.advance(on, env);
  }

  /** The same state, inputs and time give the same effects; an input that comes twice changes nothing more. */
  function check(inputs: readonly Input[], env: Env): void {
    const [one, other] = [options.clone(state), options.clone(state)];
    assert.deepEqual(turn(one, inputs, env), turn(other, inputs, env), `${id} is not deterministic`);
    assert.deepEqual(one, other, `${id} is not deterministic`);
    for (const input of inputs) {
      const once = options.clone(state);
      machine.handle(once, input, env);
      const twice = options.clone(once);
      machine.handle(twice, input, env);
      assert.deepEqual(twice, once, `${id} took an input twice: ${JSON.stringify(input)}`);
    }
  }

  function task(): void {
    isPlanned = false;
    const received = inbox.splice(0);
    const inputs = received.map(({ input }) => input);
    const env = { now: (latest = Math.max(latest, clock.now())), draining };
    if (random.chance(faults().crash)) {
      turn(options.clone(state), inputs, env);
      trace(() => `${id}: a worker died with a workflow task of ${inputs.length} inputs`);
      inbox.unshift(...received.filter(({ taken }) => taken === undefined || random.chance(0.5)));
      plan(taskTimeoutMs);
      return;
    }
    if (random.chance(checkedTasks)) check(inputs, env);
    for (const input of inputs) options.onInput?.(input, state);
    const effects = turn(state, inputs, env);
    for (const effect of effects) options.perform(effect, state);
    for (const { taken } of received) taken?.();
    hasEnded = effects.some(({ type }) => type === 'end');
    if (hasEnded) return;
    options.onTaskDone?.(state);
    goOn(env);
  }

  function goOn(env: Env): void {
    if (draining && !machine.hasInFlight(state)) {
      trace(() => `${id}: continues as new`);
      state = options.carry(state);
      draining = false;
      plan(1);
    } else if (!draining && random.chance(faults().continueAsNew)) {
      draining = true;
      plan(1);
    }
    timers += 1;
    const timer = timers;
    const wake = machine.wakeAt(state, env);
    if (wake === null) return;
    clock.at(Math.max(latestOf(wake), clock.now() + 1), () => {
      if (timer === timers) plan();
    });
  }

  return {
    id,
    state: () => state,
    begin: plan,
    receive(input, taken) {
      inbox.push({ input, taken });
      plan();
    },
    hasTask: () => isPlanned || inbox.length > 0,
    hasEnded: () => hasEnded,
  };
}
