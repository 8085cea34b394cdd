/** The pagers of a night: one for each contact, started by the first signal. */
import type { IncidentAnswer, PagerMessage } from '../../src/workflows/activity-contract.js';
import { pagerStart, type PagerSettings } from '../../src/workflows/pager-contract.js';
import type { Input as IncidentInput } from '../../src/workflows/incident/machine.js';
import type { Input, PagerEffect } from '../../src/workflows/pager/machine.js';
import { packWithin } from '../../src/workflows/pager/bounded-state.js';
import { unpackPager } from '../../src/workflows/pager/packed-state.js';
import { newPager, openPager, stateOf, type Pager } from '../../src/workflows/pager/state.js';
import type { Activities, Answer } from './activities.js';
import { createActor, type Actor } from './actor.js';
import { failure, type SimulatedTwilio } from './twilio.js';
import { signalDelayMs, type World } from './world.js';

export type PagerActor = Actor<Pager, Input>;

export interface Pagers {
  /** The pager of a contact; it is started when it does not run. */
  of: (contact: string) => PagerActor;
  all: () => PagerActor[];
  /** The pager of a contact, if anybody has signalled it. */
  running: (contact: string) => PagerActor | undefined;
  /** What the activity `signalPagers` does with one message; `isFirst`: nobody else can have got the page before. */
  signal: (message: PagerMessage, isFirst: boolean, all: readonly string[]) => void;
}

interface Options {
  twilio: () => SimulatedTwilio;
  activities: () => Activities;
  /** False when the incident does not run. */
  signalIncident: (workflowId: string, input: IncidentInput) => boolean;
  answerIncident: Answer;
}

const settings: PagerSettings = {
  windowMs: 60_000,
  callWindowMs: 180_000,
  messagesPerHour: 200,
  callsPerHour: 60,
  answersPerHour: 20,
};

export function createPagers(world: World, { twilio, activities, signalIncident, answerIncident }: Options): Pagers {
  const { clock, random, faults, watch, running } = world;
  const actors = new Map<string, PagerActor>();

  function start(contact: string): PagerActor {
    const [input] = pagerStart(contact, settings).args;
    const actor = createActor({
      id: `pager:${contact}`,
      machine: world.machines.pager,
      state: openPager(newPager(contact, input.settings, world.nextUuid())),
      clock,
      random,
      faults,
      trace: world.trace,
      clone: (state) => structuredClone(state),
      // By JSON, as Temporal hands it over.
      carry: (state) => {
        const carried = JSON.parse(JSON.stringify(packWithin(stateOf(state)))) as ReturnType<typeof packWithin>;
        return openPager(unpackPager(newPager(contact, input.settings, 'not used'), carried));
      },
      onInput: (one, state) => watch.onInput(contact, one, state, clock.now()),
      perform: (effect, state) => perform(actor, contact, effect, state),
    });
    actors.set(contact, actor);
    return actor;
  }

  function perform(actor: PagerActor, contact: string, effect: PagerEffect, state: Pager): void {
    switch (effect.type) {
      case 'cancel':
        running.get(`${contact} ${effect.id}`)?.cancel();
        break;
      case 'signal':
        clock.after(signalDelayMs(world), () => {
          const isRunning = signalIncident(effect.workflowId, toIncidentInput(effect.signal));
          actor.receive(
            isRunning
              ? { type: 'signalled', id: effect.id }
              : { type: 'failed', id: effect.id, failure: failure('signal', 'not found') },
          );
        });
        break;
      case 'activity':
        if (effect.call.activity === 'endCall') endCall(actor, effect.id, effect.call.input.sid);
        else if (effect.call.activity === 'answerIncidents') answer(actor, effect.id, effect.call.input.answers);
        else if (effect.call.activity === 'send') send(actor, contact, effect.id, effect.call.input, state);
        else throw new Error('nobody in the simulator asks who is on call');
        break;
      case 'log':
      case 'memo':
      case 'search-attributes':
      case 'end':
        break;
    }
  }

  function answer(actor: PagerActor, id: string, answers: readonly IncidentAnswer[]): void {
    activities().answerIncidents(answers, answerIncident, (result) =>
      actor.receive({ type: 'completed', id, result: { activity: 'answerIncidents', result } }),
    );
  }

  function endCall(actor: PagerActor, id: string, sid: string): void {
    clock.after(random.between(50, 500), () => {
      twilio().end(sid);
      actor.receive({ type: 'completed', id, result: { activity: 'endCall' } });
    });
  }

  function send(
    actor: PagerActor,
    contact: string,
    id: string,
    input: Parameters<Activities['send']>[0],
    state: Pager,
  ): void {
    const out = state.sending.find(({ attempt }) => attempt === input.attempt);
    if (out) watch.onSend(contact, out, state, clock.now());
    const key = `${contact} ${id}`;
    const sending = activities().send(input, (result) => {
      running.delete(key);
      if (result === 'cancelled') actor.receive({ type: 'cancelled', id });
      else if ('failure' in result) actor.receive({ type: 'failed', id, failure: result.failure });
      else actor.receive({ type: 'completed', id, result: { activity: 'send', result } });
    });
    running.set(key, sending);
  }

  const of = (contact: string): PagerActor => actors.get(contact) ?? start(contact);
  return {
    of,
    all: () => [...actors.values()],
    running: (contact) => actors.get(contact),
    signal: (message, isFirst, all) =>
      of(message.contact).receive(toPagerInput(message, isFirst, all, world.quietUntil(message.contact))),
  };
}

/** As `src/activities/signal-pagers.ts` does it: a page names who else was paged, and what keeps quiet hours until when they last. */
function toPagerInput(
  message: PagerMessage,
  isFirst: boolean,
  all: readonly string[],
  quietUntil: number | null,
): Input {
  const keeps = 'keepsQuietHours' in message.payload && message.payload.keepsQuietHours;
  const quiet = keeps && quietUntil !== null ? { quietUntil } : {};
  switch (message.signal) {
    case 'page':
      return {
        type: 'page',
        page: {
          ...message.payload,
          others: all.filter((one) => one !== message.contact),
          ...(isFirst ? { isFirstStep: true } : {}),
          ...quiet,
        },
      };
    case 'withdraw':
      return { type: 'withdraw', withdrawal: message.payload };
    case 'notice':
      return { type: 'notice', notice: { ...message.payload, ...quiet } };
  }
}

function toIncidentInput(signal: Extract<PagerEffect, { type: 'signal' }>['signal']): IncidentInput {
  switch (signal.name) {
    case 'sent':
      return { type: 'page-sent', sent: signal.payload };
    case 'held':
      return { type: 'page-held', held: signal.payload };
    case 'failed':
      return { type: 'page-failed', failed: signal.payload };
  }
}
