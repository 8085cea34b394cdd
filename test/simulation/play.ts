/** Plays a night: incidents and pagers joined by signals that are late, with Twilio, Tableau and people around them. */
import { hour, minute, type EventSignal, type TableauEvent } from '../../src/workflows/contract.js';
import type { Incident } from '../../src/workflows/incident/state.js';
import type { Input as IncidentInput } from '../../src/workflows/incident/machine.js';
import type { Pager } from '../../src/workflows/pager/state.js';
import { createActivities, type Activities } from './activities.js';
import { createBatches } from './batches.js';
import { createClock } from './clock.js';
import { changeTypes } from '../../src/workflows/change-types.js';
import { createEndpoints } from './changes.js';
import { createLabels } from './labels.js';
import { createIncidents, type IncidentActor } from './incidents.js';
import { createWatch } from './invariants.js';
import { faultsEndAfterMs, noFaults, type Happening, type Night } from './night.js';
import { createPagers } from './pagers.js';
import { replyTo } from './people.js';
import { createRandom } from './random.js';
import { createSilences } from './silences.js';
import { createTwilio, type Accepted, type SimulatedTwilio } from './twilio.js';
import type { Machines, World } from './world.js';

export interface Played {
  violations: string[];
  /** What happened, for a person who reads a failure; empty unless it was asked for. */
  trace: string[];
  /** How many messages and calls Twilio accepted, and how many people replied. */
  counts: { messages: number; replies: number };
}

const start = Date.parse('2026-03-01T03:00:00Z');
const horizonMs = 30 * hour;
/** After the end of quiet hours a storm may hold pages for its period, and workers die. */
const quietGraceMs = 6 * minute;
/** More than any night needs: one that needs more goes round in circles. */
const mostSteps = 60_000;

/** Other machines than ours may be given: mutants, which must be found out. */
export function play(night: Night, machines: Machines, { traced = false } = {}): Played {
  const clock = createClock(start);
  const random = createRandom(night.seed);
  const watch = createWatch((contact) => world.quietUntil(contact));
  const trace: string[] = [];
  const counts = { messages: 0, replies: 0 };
  const mayChange = night.policyMayChange ? ({ policyMayChange: true } as const) : {};
  const failing = {
    ...mayChange,
    ...(night.labels && { labels: { who: false } }),
    ...(night.webhooks && { changes: [...changeTypes] }),
  };
  let workflows = 0;
  const world: World = {
    machines,
    clock,
    random,
    faults: () => (clock.now() - start < faultsEndAfterMs ? night.faults : noFaults),
    watch,
    silenceOf: createSilences(night, clock, start),
    quietUntil: (contact) => {
      const until = start + (night.quietMs[contact] ?? 0);
      return until > clock.now() ? until : null;
    },
    running: new Map(),
    nextUuid: () => `uuid${++workflows}`,
    trace: (text) => {
      if (traced) trace.push(`${((clock.now() - start) / 1_000).toFixed(1)} s ${text()}`);
    },
  };

  const labels = createLabels({ ...world, violations: watch.violations });
  const endpoints = createEndpoints({ ...world, violations: watch.violations });
  const twilio: SimulatedTwilio = createTwilio({
    ...world,
    onAccepted: (message) => {
      const states = pagers.all().map((pager) => pager.state());
      watch.onAccepted(message, states);
      // Nobody who was not paged can have replied, so that it is a notice.
      const isLow = night.policy.severity === 'low' && !night.policyMayChange;
      if (isLow && world.quietUntil(message.contact) !== null)
        watch.violations.push(`${message.contact} got ${message.sid} in quiet hours`);
      counts.messages += 1;
      const { sid, contact, channel, text } = message;
      world.trace(() => `Twilio accepts ${sid} to ${contact} by ${channel}: ${text.slice(0, 60)}`);
      react(message);
    },
    onStatus: ({ contact, attempt, sid }, status) => {
      const receipt = { attempt, sid, status, at: clock.now() };
      pagers.running(contact)?.receive({ type: 'receipt', receipt });
    },
  });
  const activities: Activities = createActivities({
    ...world,
    twilio,
    onUnreachable: (contact, until) => {
      world.trace(() => `the pager of ${contact} cannot be signalled for ${(until - clock.now()) / 1_000} s`);
      watch.onUnreachable(contact, clock.now(), until);
    },
    hasPendingAnswer: ({ pagers: others, incidents: theirs }, contact) =>
      [...others.map((id) => id.slice('pager:'.length)), contact]
        .flatMap((one) => pagers.running(one) ?? [])
        .some((one) => one.hasTask() || isAnswering(one.state(), theirs)) ||
      [pagers.running(contact)].some((own) => own !== undefined && hasCancelled(own.state())) ||
      theirs.some((id) => {
        const one = incidents.byWorkflowId(id);
        return one !== undefined && (one.hasTask() || isSignalling(one.state(), contact));
      }),
  });
  const pagers = createPagers(world, {
    twilio: () => twilio,
    activities: () => activities,
    signalIncident: (workflowId, input) => {
      const incident = incidents.byWorkflowId(workflowId);
      incident?.receive(input);
      return incident !== undefined;
    },
    answerIncident: ({ incident, answer }, taken) => {
      const actor = incidents.running(incident);
      actor?.receive({ type: 'answer', answer }, () => {
        const { answerId } = answer;
        const { view } = machines.incident;
        const outcome = view(actor.state(), { answerId });
        if (outcome === null) watch.violations.push(`${incident} lost the answer ${answerId}`);
        else taken(outcome);
      });
      return actor !== undefined;
    },
  });
  const incidents = createIncidents(world, {
    labels,
    endpoints,
    activities: () => activities,
    signalPager: pagers.signal,
  });

  /** A person reads a message that arrived, and may reply; the api signals what they said, sometimes twice. */
  function react(message: Accepted): void {
    if (!random.chance(night.answering)) return;
    clock.after(random.between(2_000, 240_000), () => {
      const reply = replyTo(message, random, clock.now());
      if (reply === null) return;
      counts.replies += 1;
      world.trace(() => `${message.contact} replies to ${message.sid}: ${JSON.stringify(reply.command)}`);
      const copies = random.chance(0.1) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        clock.after(random.between(1, 2_000), () => pagers.of(message.contact).receive({ type: 'reply', reply }));
    });
  }

  const batches = createBatches(world, {
    policy: night.policy,
    signal: (entry) => {
      const { incident } = entry;
      const actor = entry.what === 'failure' ? incidents.of(incident) : incidents.running(incident);
      if (entry.what === 'answer') actor?.receive({ type: 'answer', answer: entry.answer });
      else {
        const { event } = entry;
        actor?.receive({
          type: 'event',
          event: entry.what === 'failure' ? { event, policy: night.policy, ...failing } : { event },
        });
      }
      return actor !== undefined;
    },
  });

  function happen(happening: Happening): void {
    const incident = `refresh:site:item-${happening.item}`;
    world.trace(() => `${incident} ${happening.what}`);
    const event = (type: string, ageMs = 0): TableauEvent => ({
      type,
      item: {
        kind: night.labels ? 'datasource' : 'workbook',
        luid: `item-${happening.item}`,
        name: `Item ${happening.item}`,
        site: 'site',
      },
      createdAt: clock.now() - ageMs,
      receivedAt: clock.now(),
    });
    switch (happening.what) {
      case 'fails': {
        const failed = event('WorkbookRefreshFailed');
        const entry = {
          what: 'failure',
          incident,
          event: failed,
          policy: night.policy.name,
          ...failing,
          summary: '',
        } as const;
        if (random.chance(night.batched)) batches.add(entry);
        else deliver(incidents.of(incident), { event: failed, policy: night.policy, ...failing });
        break;
      }
      case 'succeeds':
        end(incident, event('WorkbookRefreshSucceeded', happening.olderMs));
        break;
      case 'is-deleted':
        end(incident, event('WorkbookDeleted'));
        break;
      case 'script': {
        const answer = { answerId: `script-${clock.now()}`, verb: happening.verb, by: 'script' } as const;
        const running = incidents.running(incident);
        if (running) running.receive({ type: 'answer', answer });
        else if (batches.isPending()) batches.add({ what: 'answer', incident, answer });
      }
    }
  }

  /** What only a running incident takes: the api starts one for a failure alone. */
  function end(incident: string, event: TableauEvent): void {
    const running = incidents.running(incident);
    const isBatched = random.chance(night.batched);
    if (running && !isBatched) deliver(running, { event });
    else if (isBatched || batches.isPending()) batches.add({ what: 'end', incident, event });
  }

  /** A webhook: Tableau may send it again, and later. */
  function deliver(actor: IncidentActor, event: EventSignal): void {
    const input: IncidentInput = { type: 'event', event };
    actor.receive(input);
    if (random.chance(0.2)) clock.after(random.between(1, 10_000), () => !actor.hasEnded() && actor.receive(input));
  }

  const judgeEnd = (): void => {
    watch.judgeEnd(incidents.all(), pagers.all());
    batches.judgeEnd();
    labels.judgeEnd();
    endpoints.judgeEnd();
  };
  for (const [contact, ms] of Object.entries(night.quietMs))
    clock.after(ms + quietGraceMs, () => watch.judgeQuietEnd(contact, pagers.running(contact)?.state()));
  for (const happening of night.happenings) clock.after(happening.atMs, () => happen(happening));
  if (clock.runUntil(start + horizonMs, mostSteps)) judgeEnd();
  else watch.violations.push(`the night does not end: ${trace.slice(-3).join(' | ')}`);
  return { violations: watch.violations, trace, counts };
}

/** As `src/activities/pending-answers.ts` finds out: the memo names many, and the activity alone shows few. */
const isAnswering = ({ answering, answersInFlight }: Pager, incidents: readonly string[]): boolean =>
  answering.length > 0 ? answering.some((id) => incidents.includes(id)) : answersInFlight !== null;

const hasCancelled = ({ sending }: Pager): boolean => sending.some(({ cancelling }) => cancelling);

const isSignalling = ({ inFlight }: Incident, contact: string): boolean =>
  inFlight.some((one) => one.activity === 'signalPagers' || (one.activity === 'retryPager' && one.contact === contact));
