/** The incidents of a night: one for each failing item, started by its first failure. */
import type { FoundOnCall, LookedUp, PagerMessage, Routed } from '../../src/workflows/activity-contract.js';
import { hour, incidentWorkflowId, minute } from '../../src/workflows/contract.js';
import { withLearnt } from '../../src/workflows/facts.js';
import type { LogLine } from '../../src/workflows/machine.js';
import type { Call, IncidentEffect, Input } from '../../src/workflows/incident/machine.js';
import type { Silenced } from '../../src/workflows/on-call-contract.js';
import { isReference, ownerReference, scheduleOf } from '../../src/workflows/references.js';
import { newIncident, restoreIncident, type Incident } from '../../src/workflows/incident/state.js';
import type { TableauCall } from '../../src/workflows/incident/tableau-requests.js';
import type { Activities } from './activities.js';
import { createActor, type Actor } from './actor.js';
import type { SimulatedEndpoints } from './changes.js';
import type { SimulatedLabels } from './labels.js';
import { createMemos } from './memos.js';
import { policies } from './night.js';
import { answerOf, lookUpOf } from './tableau.js';
import { failure } from './twilio.js';
import type { World } from './world.js';

export type IncidentActor = Actor<Incident, Input>;

export interface Incidents {
  /** The incident of this id; it is started when it does not run. */
  of: (id: string) => IncidentActor;
  /** The incident of this id while it runs. */
  running: (id: string) => IncidentActor | undefined;
  byWorkflowId: (workflowId: string) => IncidentActor | undefined;
  all: () => IncidentActor[];
}

interface Options {
  labels: SimulatedLabels;
  endpoints: SimulatedEndpoints;
  activities: () => Activities;
  /** @param all contacts who were paged before or are now; `isFirst`: none of them can have got the page yet */
  signalPager: (message: PagerMessage, isFirst: boolean, all: readonly string[]) => void;
}

/** Lines of the log after which the pages of a step are not needed any more. */
const decisions =
  /^incident (acknowledged|resolved|recovered|snoozed|silenced|forgotten|ignored)|escalation starts again|unacknowledged/;

const shiftMs = 7 * minute;
/** Hand-overs in the middle of an incident; nobody is on call in every third shift, while the owner is always known. */
const onCallAt = (reference: string, now: number): string | null =>
  reference === ownerReference ? 'lead' : (['ana', 'ben', null][Math.floor(now / shiftMs) % 3] ?? null);

/** As the activity `findOnCall` gives it. */
function foundAt(references: readonly string[], now: number): FoundOnCall {
  const schedules = references.flatMap((reference) => scheduleOf(reference) ?? []);
  return {
    contacts: Object.fromEntries(references.map((reference) => [reference, onCallAt(reference, now)])),
    duties: Object.fromEntries(
      schedules.map((name) => [name, { contact: onCallAt(name, now), channel: 'sms' as const }]),
    ),
    lookAgainAt: schedules.length > 0 ? (Math.floor(now / shiftMs) + 1) * shiftMs : null,
  };
}

/** A request that fails takes a minute, and is repeated after 5 min; workers die. */
const lookedMs = 8 * minute;

/** Forgotten soon, so that every night comes to its end within a day. */
const settings = { lingerMs: 600_000, forgetMs: 6 * hour };

/** It looks every 5 min, and workers die. */
const silenceNoticedMs = 8 * minute;

export function createIncidents(world: World, { activities, signalPager, labels, endpoints }: Options): Incidents {
  const { clock, random, faults, running } = world;
  const actors = new Map<string, IncidentActor>();
  const memos = createMemos(world.watch.violations);
  /** Episodes that somebody answered for, that recovered, or that are unacknowledged: they may end without a page. */
  const concluded = new Set<string>();
  /** How many episodes each incident has opened. */
  const opened = new Map<string, number>();
  /** By incident and reference: whom it was told last that the reference means. */
  const meant = new Map<string, string | null>();
  /** When each incident last asked who is on call. */
  const lookedAt = new Map<string, number>();

  function start(id: string): IncidentActor {
    const input = { id, settings, searchAttributes: false };
    const actor = createActor({
      id: incidentWorkflowId(id),
      machine: world.machines.incident,
      state: newIncident(input, world.nextUuid()),
      clock,
      random,
      faults,
      trace: world.trace,
      clone: (state) => structuredClone(state),
      // By JSON, as Temporal hands it over.
      carry: (state) => restoreIncident(input, JSON.parse(JSON.stringify(state)) as Partial<Incident>),
      perform: (effect, state) => perform(actor, effect, state),
      onTaskDone: (state) => memos.judgeTask(actor.id, state),
    });
    actors.set(actor.id, actor);
    opened.delete(actor.id);
    memos.begin(actor.id);
    return actor;
  }

  function perform(actor: IncidentActor, effect: IncidentEffect, state: Incident): void {
    switch (effect.type) {
      case 'log':
        noteLine(actor.id, effect.line, state);
        break;
      case 'cancel':
        running.get(`${actor.id} ${effect.id}`)?.cancel();
        running.delete(`${actor.id} ${effect.id}`);
        clock.after(1, () => actor.receive({ type: 'cancelled', id: effect.id }));
        break;
      case 'activity':
        if (effect.call.activity === 'signalPagers' || effect.call.activity === 'retryPager')
          signalPagers(actor, effect.id, effect.call);
        else if (effect.call.activity === 'findOnCall') findOnCall(actor, effect.id, effect.call);
        else if (effect.call.activity === 'chooseRoute') chooseRoute(actor, effect.id, state);
        else if (effect.call.activity === 'findSilence') findSilence(actor, effect.id);
        else if (effect.call.activity === 'setLabel') setLabel(actor, effect.id, effect.call);
        else if (effect.call.activity === 'reportChanges') report(actor, effect.id, effect.call);
        else requestTableau(actor, effect.id, effect.call);
        break;
      case 'memo':
        memos.upsert(actor.id, effect.memo);
        break;
      case 'end':
        // Its last upsert comes with it.
        clock.after(1, () => actors.get(actor.id) === actor && memos.judgeEnd(actor.id, state));
        break;
      case 'signal':
      case 'search-attributes':
        break;
    }
  }

  function noteLine(id: string, line: Extract<IncidentEffect, { type: 'log' }>['line'], state: Incident): void {
    world.trace(() => `${id}: ${line.message} ${JSON.stringify(line.about)}`);
    // By its lines alone: one task can end an episode and open the next one, which the state then shows.
    if (/^incident (opened|reopened)/.test(line.message)) opened.set(id, (opened.get(id) ?? 0) + 1);
    const episode = `${state.id} ${state.uuid}-${opened.get(id) ?? 0}`;
    if (decisions.test(line.message)) world.watch.onStepOver(episode);
    if (line.message === 'schedule handed over') watchHandOver(episode, line.about, state);
    if (line.message === 'step taken') watchStep(episode, contactsOf(id, state, Number(line.about['step'])));
    if (line.message === 'step taken' || line.message === 'escalation ended') {
      const pages = state.pages.filter(({ n }) => n >= state.escalation.firstPage);
      if (state.policy?.severity === 'low') world.watch.onLowPages(episode, pages);
    }
    const isOver = line.about['alarm'] === 'unacknowledged' || line.about['why'] === 'no page could be sent';
    // A policy that has taken the place of one of low severity waits for no quiet hours.
    if (isOver && state.policy?.severity === 'low') world.watch.onNobodyReached(episode);
    if (/recovered|resolved|acknowledged|snoozed|ignored/.test(line.message)) concluded.add(episode);
    if (line.message === 'incident ignored' && world.watch.pagedEpisodes.has(episode))
      world.watch.violations.push(`${episode} was ignored after somebody was paged`);
    if (line.message !== 'incident forgotten') return;
    if (!world.watch.pagedEpisodes.has(episode) && !concluded.has(episode))
      world.watch.violations.push(`${episode} was forgotten without a page`);
  }

  /** Whom a step, counted from 1, must page: by the policy and by what the incident was told. */
  function contactsOf(id: string, { policy }: Incident, step: number): string[] {
    const page = policy?.steps[step - 1]?.page ?? [];
    const contacts = page.map((entry) => (isReference(entry) ? (meant.get(`${id} ${entry}`) ?? null) : entry));
    return [...new Set(contacts.filter((contact) => contact !== null))];
  }

  /** Whoever comes on call gets a notice. */
  function watchHandOver(episode: string, about: LogLine['about'], { state, escalation }: Incident): void {
    const { to: contact } = about;
    if (typeof contact !== 'string' || contact === 'nobody' || (state === 'triggered' && escalation.silence)) return;
    const { afterMs, of } = world.watch.onHandOver(episode, contact, clock.now());
    clock.after(afterMs, of);
  }

  function watchStep(episode: string, contacts: readonly string[]): void {
    const judge = world.watch.onStep(episode, contacts, clock.now());
    for (const { afterMs, of } of judge) clock.after(afterMs, of);
  }

  function signalPagers(
    actor: IncidentActor,
    id: string,
    call: Extract<Call, { activity: 'signalPagers' | 'retryPager' }>,
  ): void {
    const { activity, input } = call;
    const { messages, paged = [] } = input;
    const pagedNow = messages.flatMap(({ signal, contact }) => (signal === 'page' ? [contact] : []));
    const all = [...new Set([...paged, ...pagedNow])];
    const key = `${actor.id} ${id}`;
    const signal = (some: readonly PagerMessage[], lookedUp?: LookedUp): void => {
      const silenced = call.activity === 'signalPagers' && call.input.subject ? silenceOf(actor) : null;
      const signalling = activities().signalPagers(
        silenced === null ? some : some.filter((message) => message.signal !== 'page'),
        (message, isFirstAttempt) => signalPager(message, isFirstAttempt && paged.length === 0, all),
        (result) => {
          const whole = { ...result, ...(lookedUp && { lookedUp }), ...(silenced && { silenced }) };
          if (silenced !== null) watchSilence(actor);
          actor.receive({ type: 'completed', id, result: { activity, result: whole } });
        },
      );
      running.set(key, signalling);
    };
    const lookUp = call.activity === 'signalPagers' ? call.input.lookUp : undefined;
    if (!lookUp) {
      signal(messages);
      return;
    }
    let isCancelled = false;
    running.set(key, { cancel: () => (isCancelled = true) });
    clock.after(random.between(20, lookUp.withinMs), () => {
      // The activity does not notice that it was cancelled; what it signals then arrives after the withdrawal.
      if (isCancelled && random.chance(0.5)) return;
      const lookedUp = lookUpOf(lookUp, random, faults().tableauFails);
      const informed = messages.map((message) => withLearnt(message, lookedUp.learnt));
      if (!isCancelled) signal(informed, lookedUp);
      else for (const message of informed) signalPager(message, paged.length === 0, all);
    });
  }

  const silenceOf = (actor: IncidentActor): Silenced | null => world.silenceOf(actor.id.slice('incident:'.length));

  function findSilence(actor: IncidentActor, id: string): void {
    let isCancelled = false;
    running.set(`${actor.id} ${id}`, { cancel: () => (isCancelled = true) });
    clock.after(random.chance(faults().repeat) ? random.between(4_000, 15_000) : random.between(2, 100), () => {
      if (isCancelled) return;
      const fails = random.chance(faults().tableauFails / 4);
      if (fails) actor.receive({ type: 'failed', id, failure: failure('timeout', 'timeout') });
      else actor.receive({ type: 'completed', id, result: { activity: 'findSilence', result: silenceOf(actor) } });
    });
  }

  /** Looks every minute whether the silence has ended; then the incident must notice soon. */
  function watchSilence(actor: IncidentActor): void {
    const { episode } = actor.state();
    const isWaiting = (): boolean => {
      const { state, escalation } = actor.state();
      return (
        !actor.hasEnded() && actor.state().episode === episode && state === 'triggered' && Boolean(escalation.silence)
      );
    };
    let endedAt: number | null = null;
    const look = (): void => {
      // A rerun of a policy that was chosen meanwhile comes before any page.
      if (silenceOf(actor) !== null || actor.state().rerun !== null) endedAt = null;
      else endedAt ??= clock.now();
      // The result that says it is still on its way at first.
      if (endedAt !== null && clock.now() - endedAt > 2 * minute && !isWaiting()) return;
      if (endedAt !== null && clock.now() - endedAt > silenceNoticedMs) {
        world.watch.violations.push(`${actor.id} is still silenced after its silence is over`);
        return;
      }
      clock.after(minute, look);
    };
    clock.after(minute, look);
  }

  /** Each schedule has one contact after the other, and now and then nobody: it changes while the incident goes on. */
  function findOnCall(actor: IncidentActor, id: string, { input }: Extract<Call, { activity: 'findOnCall' }>): void {
    let isCancelled = false;
    lookedAt.set(actor.id, clock.now());
    running.set(`${actor.id} ${id}`, { cancel: () => (isCancelled = true) });
    clock.after(random.chance(faults().repeat) ? random.between(4_000, 15_000) : random.between(2, 1_000), () => {
      if (isCancelled) return;
      const fails = random.chance(faults().tableauFails / 4);
      const found = foundAt(input.references, clock.now());
      // Where that cannot be found, the fallback of the policy is paged.
      const { fallback } = actor.state().policy ?? {};
      const instead = fails && fallback?.channels.includes(input.by) ? fallback.contact : null;
      for (const [reference, contact] of Object.entries(found.contacts))
        meant.set(`${actor.id} ${reference}`, fails ? instead : contact);
      actor.receive(
        fails
          ? { type: 'failed', id, failure: failure('timeout', 'timeout') }
          : { type: 'completed', id, result: { activity: 'findOnCall', result: found } },
      );
      if (!fails && found.lookAgainAt !== null) watchLook(actor, found.lookAgainAt);
    });
  }

  /** An open incident that has paged a schedule looks soon after the next hand-over. */
  function watchLook(actor: IncidentActor, at: number): void {
    const { episode } = actor.state();
    clock.after(Math.max(0, at - clock.now()) + lookedMs, () => {
      const { state, duties } = actor.state();
      const isOver = actor.hasEnded() || actor.state().episode !== episode || state === 'resolved';
      const hasStep = Object.keys(duties.bySchedule).length > 0;
      if (isOver || state === 'forgotten' || !hasStep || (lookedAt.get(actor.id) ?? 0) >= at) return;
      world.watch.violations.push(`${actor.id} did not look who is on call after a hand-over`);
    });
  }

  /** Tableau tells at once, later, or not at all; then the policy is that of the event, or any other, or none. */
  function chooseRoute(actor: IncidentActor, id: string, { policy }: Incident): void {
    let isCancelled = false;
    running.set(`${actor.id} ${id}`, { cancel: () => (isCancelled = true) });
    const { tableauFails, repeat } = faults();
    const delayMs = random.chance(repeat) ? random.between(4_000, 45_000) : random.between(2, 1_000);
    const routed: Routed | null = random.chance(tableauFails / 2)
      ? null
      : random.chance(tableauFails) && policy
        ? { policy, route: 1, isCertain: false }
        : random.chance(0.3)
          ? { ignored: 'not ours', route: 1, isCertain: true }
          : { policy: random.pick(policies), route: 2, isCertain: true };
    clock.after(delayMs, () => {
      if (isCancelled) return;
      actor.receive(
        routed === null
          ? { type: 'failed', id, failure: failure('timeout', 'timeout') }
          : { type: 'completed', id, result: { activity: 'chooseRoute', result: routed } },
      );
    });
  }

  function setLabel(actor: IncidentActor, id: string, { input }: Extract<Call, { activity: 'setLabel' }>): void {
    labels.set(input, (result) =>
      actor.receive(
        result === null
          ? { type: 'failed', id, failure: failure('timeout', 'timeout') }
          : { type: 'completed', id, result: { activity: 'setLabel', result } },
      ),
    );
  }

  function report(actor: IncidentActor, id: string, { input }: Extract<Call, { activity: 'reportChanges' }>): void {
    const reporting = endpoints.report(input, (result) =>
      actor.receive(
        result === null
          ? { type: 'failed', id, failure: failure('timeout', 'timeout') }
          : { type: 'completed', id, result: { activity: 'reportChanges', result } },
      ),
    );
    running.set(`${actor.id} ${id}`, reporting);
  }

  function requestTableau(actor: IncidentActor, id: string, call: TableauCall): void {
    const key = `${actor.id} ${id}`;
    let isCancelled = false;
    running.set(key, { cancel: () => (isCancelled = true) });
    const { tableauFails } = faults();
    clock.after(random.chance(tableauFails) ? random.between(1_000, 60_000) : random.between(20, 900), () => {
      if (isCancelled) return;
      running.delete(key);
      const result = answerOf(call, random, tableauFails);
      actor.receive(
        result === null
          ? { type: 'failed', id, failure: failure('tableau-unavailable', '503') }
          : { type: 'completed', id, result },
      );
    });
  }

  const byWorkflowId = (workflowId: string): IncidentActor | undefined => {
    const actor = actors.get(workflowId);
    return actor?.hasEnded() === false ? actor : undefined;
  };
  const runningOf = (id: string): IncidentActor | undefined => byWorkflowId(incidentWorkflowId(id));
  return {
    of: (id) => runningOf(id) ?? start(id),
    running: runningOf,
    byWorkflowId,
    all: () => [...actors.values()],
  };
}
