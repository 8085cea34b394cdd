/** Machines that are broken on purpose: the simulator must find each of them. */
import { incidentMachine, type IncidentEffect } from '../../src/workflows/incident/machine.js';
import { pagerMachine, type PagerEffect } from '../../src/workflows/pager/machine.js';
import type { Machines } from './world.js';

interface Mutant extends Partial<Machines> {
  name: string;
  /** The violation that it must lead to. */
  finds: RegExp;
}

/** The pager with its requests to Twilio changed. */
const withSends = (change: (input: SendInput) => SendInput): Machines['pager'] => ({
  ...pagerMachine,
  advance: (pager, env) =>
    pagerMachine.advance(pager, env).map((effect): PagerEffect => {
      if (effect.type !== 'activity' || effect.call.activity !== 'send') return effect;
      return { ...effect, call: { ...effect.call, input: change(effect.call.input) } };
    }),
});
type SendInput = Extract<Extract<PagerEffect, { type: 'activity' }>['call'], { activity: 'send' }>['input'];

export const mutants: readonly Mutant[] = [
  {
    name: 'an incident that drops the answers of its pagers',
    finds: /never reached its incident/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        if (input.type !== 'answer' || input.answer.contact === undefined) incidentMachine.handle(incident, input, env);
      },
    },
  },
  {
    name: 'a pager that does not withdraw pages',
    finds: /which is over|after all of it was answered or over/,
    pager: {
      ...pagerMachine,
      handle: (pager, input, env) => {
        if (input.type !== 'withdraw') pagerMachine.handle(pager, input, env);
      },
    },
  },
  {
    name: 'a pager that sends again without a look at what Twilio has accepted',
    finds: /twice/,
    pager: withSends(({ retry: _retry, ...input }) => input),
  },
  {
    name: 'a pager whose messages are sent however old their request is, and whoever may have answered',
    finds: /after all of it was answered or over/,
    pager: withSends(({ answerSources: _sources, ...input }) => input),
  },
  {
    name: 'an incident that signals no pages',
    finds: /forgotten without a page/,
    incident: {
      ...incidentMachine,
      advance: (incident, env) =>
        incidentMachine.advance(incident, env).map((effect): IncidentEffect => {
          if (effect.type !== 'activity' || effect.call.activity !== 'signalPagers') return effect;
          const { messages, ...input } = effect.call.input;
          const withoutPages = { ...input, messages: messages.filter(({ signal }) => signal !== 'page') };
          return { ...effect, call: { activity: 'signalPagers', input: withoutPages } };
        }),
    },
  },
];
