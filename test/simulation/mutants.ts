/** Machines that are broken on purpose: the simulator must find each of them. */
import type { PagerMessage } from '../../src/workflows/activity-contract.js';
import { incidentMachine, type IncidentEffect } from '../../src/workflows/incident/machine.js';
import type { Incident } from '../../src/workflows/incident/state.js';
import { intakeMachine } from '../../src/workflows/intake/machine.js';
import type { DeliveryReport } from '../../src/workflows/intake-contract.js';
import { pagerMachine, type PagerEffect } from '../../src/workflows/pager/machine.js';
import { policies, type Night } from './night.js';
import type { Machines } from './world.js';

interface Mutant extends Partial<Machines> {
  name: string;
  /** The violation that it must lead to. */
  finds: RegExp;
  /** Nights in which it shows soon; all where it is absent. */
  nights?: (night: Night) => Night;
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

/** The incident with the results of its signals to pagers changed. */
const withUnreached = (
  change: (incident: Incident, messages: readonly PagerMessage[], unreached: readonly string[]) => void,
): Machines['incident'] => ({
  ...incidentMachine,
  handle: (incident, input, env) => {
    const began = incident.inFlight.find((one) => 'id' in input && one.id === input.id);
    const isSignalling = input.type === 'completed' && input.result.activity === 'signalPagers';
    if (!isSignalling || began?.activity !== 'signalPagers') {
      incidentMachine.handle(incident, input, env);
      return;
    }
    const unreached = input.result.activity === 'signalPagers' ? (input.result.result?.unreached ?? []) : [];
    incidentMachine.handle(incident, { ...input, result: { activity: 'signalPagers' } }, env);
    change(
      incident,
      began.messages,
      unreached.map(({ contact }) => contact),
    );
  },
});

/** A batch with the reports of its deliveries changed. */
const withReports =
  (change: (report: DeliveryReport) => DeliveryReport): Machines['intake'] =>
  (shared) => {
    const machine = intakeMachine(shared);
    return {
      ...machine,
      handle: (intake, input, env) => {
        if (input.type !== 'completed') machine.handle(intake, input, env);
        else
          machine.handle(intake, { ...input, result: { ...input.result, report: change(input.result.report) } }, env);
      },
    };
  };

const inBatches = (night: Night): Night => ({ ...night, batched: 1 });
const withQuietHours = (night: Night): Night => ({
  ...night,
  policy: policies.find(({ severity }) => severity === 'low') ?? night.policy,
});

export const mutants: readonly Mutant[] = [
  {
    name: 'an incident that drops the answers of its pagers',
    finds: /lost the answer/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        if (input.type !== 'answer' || input.answer.contact === undefined) incidentMachine.handle(incident, input, env);
      },
    },
  },
  {
    name: 'an incident that does not show who has taken it before it is over',
    finds: /^incident:\S+ shows something else than it is/,
    incident: {
      ...incidentMachine,
      advance: (incident, env) => {
        const published = structuredClone(incident.published);
        const effects = incidentMachine.advance(incident, env);
        if (incident.state !== 'acknowledged') return effects;
        incident.published = published;
        return effects.filter(({ type }) => type !== 'memo');
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
    name: 'an incident that does nothing else while a pager cannot be signalled',
    finds: /is stuck behind a pager/,
    incident: withUnreached((incident, messages, unreached) => {
      incident.outgoing.unshift(...messages.filter(({ contact }) => unreached.includes(contact)));
    }),
  },
  {
    name: 'an incident that drops what a pager did not take',
    finds: /did not get the page/,
    incident: withUnreached(() => undefined),
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
  {
    name: 'an incident that does not look whether its silence has ended',
    finds: /is still silenced after/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        const isLook = input.type === 'completed' && input.result.activity === 'findSilence';
        if (!isLook) incidentMachine.handle(incident, input, env);
      },
    },
  },
  {
    name: 'an incident that does not look who is on call once it has paged',
    finds: /did not look who is on call/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        incidentMachine.handle(incident, input, env);
        incident.duties.lookAt = null;
      },
    },
  },
  {
    name: 'an incident that notifies nobody of a hand-over',
    finds: /got no notice of .* when coming on call/,
    incident: {
      ...incidentMachine,
      advance: (incident, env) => {
        const isHandOver = (message: PagerMessage): boolean =>
          message.signal === 'notice' && 'schedule' in message.payload;
        incident.outgoing = incident.outgoing.filter((message) => !isHandOver(message));
        return incidentMachine.advance(incident, env);
      },
    },
  },
  {
    name: 'an incident that ends without a look at the label that a lost try may have set',
    nights: (night) => ({ ...night, labels: true, faults: { ...night.faults, repeat: 0.1 } }),
    finds: /still has its label/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        const began = incident.inFlight.find((one) => 'id' in input && one.id === input.id);
        incidentMachine.handle(incident, input, env);
        if (incident.label && input.type === 'failed' && began?.activity === 'setLabel') incident.label.mayShow = false;
      },
    },
  },
  {
    name: 'an incident that sets a label while another try runs',
    nights: (night) => ({ ...night, labels: true }),
    finds: /two labels of .* at once/,
    incident: {
      ...incidentMachine,
      advance: (incident, env) => {
        const others = incident.inFlight.filter(({ activity }) => activity !== 'setLabel');
        const settings = incident.inFlight.filter(({ activity }) => activity === 'setLabel');
        incident.inFlight = others;
        const effects = incidentMachine.advance(incident, env);
        incident.inFlight.push(...settings);
        return effects;
      },
    },
  },
  {
    name: 'an incident that takes a report for done that nobody gave a result of',
    nights: (night) => ({ ...night, webhooks: true, faults: { ...night.faults, repeat: 0.1 } }),
    finds: /did not get change|heard of it, and not of its end/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        const began = incident.inFlight.find((one) => 'id' in input && one.id === input.id);
        incidentMachine.handle(incident, input, env);
        if (incident.reporting && input.type === 'failed' && began?.activity === 'reportChanges')
          incident.reporting.pending = incident.reporting.pending.filter(({ n }) => n > began.upTo);
      },
    },
  },
  {
    name: 'an incident that ends before its end is reported',
    nights: (night) => ({ ...night, webhooks: true }),
    finds: /heard of it, and not of its end/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        incidentMachine.handle(incident, input, env);
        if (incident.reporting && (incident.state === 'resolved' || incident.state === 'forgotten'))
          incident.reporting.pending = [];
      },
    },
  },
  {
    name: 'a pager that keeps no quiet hours',
    finds: /in quiet hours/,
    pager: {
      ...pagerMachine,
      handle: (pager, input, env) => {
        if (input.type !== 'page') pagerMachine.handle(pager, input, env);
        else pagerMachine.handle(pager, { type: 'page', page: { ...input.page, quietUntil: 0 } }, env);
      },
    },
  },
  {
    name: 'a pager that drops what waits for the end of quiet hours',
    nights: withQuietHours,
    finds: /was not paged for .* when the quiet hours ended/,
    pager: {
      ...pagerMachine,
      advance: (pager, env) => {
        pager.held = pager.held.filter(({ quietUntil = env.now + 1 }) => quietUntil > env.now);
        return pagerMachine.advance(pager, env);
      },
    },
  },
  {
    name: 'an incident that does not wait for the end of quiet hours',
    finds: /did not wait for the end of the quiet hours/,
    incident: {
      ...incidentMachine,
      handle: (incident, input, env) => {
        if (input.type !== 'page-held') incidentMachine.handle(incident, input, env);
        else {
          const { isQuiet: _isQuiet, ...held } = input.held;
          incidentMachine.handle(incident, { type: 'page-held', held }, env);
        }
      },
    },
  },
  {
    name: 'a batch that tries a success only once',
    nights: inBatches,
    finds: /never got an accepted end/,
    intake: withReports((report) => ({ ...report, waiting: [] })),
  },
  {
    name: 'a batch that does not wait for the batches before it',
    nights: inBatches,
    finds: /never got an accepted/,
    intake: withReports((report) => ({ ...report, hasEarlierBatch: false })),
  },
  {
    name: 'a batch that drops what could not be delivered',
    finds: /never got an accepted failure/,
    intake: withReports((report) => ({ ...report, failed: [] })),
  },
];
