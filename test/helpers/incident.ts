import assert from 'node:assert/strict';
import {
  tableauUnavailable,
  type FoundOnCall,
  type ItemStatus,
  type JobStatus,
  type LookUpRequest,
  type PagerMessage,
  type RerunStart,
  type Routed,
} from '../../src/workflows/activity-contract.js';
import { viewOf } from '../../src/temporal/read-incident.js';
import {
  hour,
  incidentType,
  incidentWorkflowId,
  minute,
  type AnswerSignal,
  type Channel,
  type EventSignal,
  type ItemDetail,
  type ItemKind,
  type Policy,
  type TableauEvent,
} from '../../src/workflows/contract.js';
import type { Result } from '../../src/workflows/incident/results.js';
import { incidentMachine, type Call, type IncidentEffect, type Input } from '../../src/workflows/incident/machine.js';
import type { ChangeType } from '../../src/workflows/change-types.js';
import type { ReportInput, ReportResult } from '../../src/workflows/webhook-contract.js';
import type { LabelInput, LabelResult } from '../../src/workflows/label-contract.js';
import type { Silenced } from '../../src/workflows/on-call-contract.js';
import type { LogLine } from '../../src/workflows/machine.js';
import { scheduleOf } from '../../src/workflows/references.js';
import { newIncident, restoreIncident, type Incident } from '../../src/workflows/incident/state.js';

export const start = Date.parse('2026-03-01T03:00:00Z');

export const policy: Policy = {
  name: 'default',
  steps: [
    { page: ['ana'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['ana'], by: 'sms', waitMs: 5 * minute },
    { page: ['ana', 'lead'], by: 'call', waitMs: 5 * minute },
  ],
  repeat: 1,
  remindMs: 4 * hour,
};

/** `silent` pagers report nothing; to `unreachable` ones the signals stay under way. */
type SignallingCall = Extract<Call, { activity: 'signalPagers' | 'retryPager' }>;
type PagersMode = 'sending' | 'silent' | 'unreachable';

/**
 * An incident without a server: its machine, driven by a clock of the test's own. Pagers report each page as sent unless
 * `pagersAre('silent')`; Tableau knows no detail.
 */
export function createIncident(chosen: Policy = policy, kind: ItemKind = 'workbook') {
  const settings = { lingerMs: hour, forgetMs: 7 * 24 * hour };
  const startInput = { id: 'refresh:site:sales', settings, searchAttributes: false };
  let incident = newIncident(startInput, 'uuid');
  const messages: PagerMessage[] = [];
  const retries: string[] = [];
  const summaries: string[] = [];
  let now = start;
  let pagers: PagersMode = 'sending';
  /** Signals that have not reached their pagers. */
  let underWay: { id: string; call: SignallingCall } | null = null;
  const unreachable = new Set<string>();
  const firstLookUps: LookUpRequest[] = [];
  /** Whom each reference means; null: the answer is still to come. */
  let onCall: ((references: readonly string[], by: Channel) => Record<string, string | null>) | null = () => ({});
  const onCallRequests: { id: string; references: string[] }[] = [];
  let handsOverAt: number | null = null;
  let isUnsure = false;
  /** As the activity gives it; every contact gets notices by SMS. */
  const foundOnCall = (contacts: Record<string, string | null>): FoundOnCall => ({
    contacts,
    duties: Object.fromEntries(
      Object.entries(contacts).flatMap(([reference, contact]) => {
        const schedule = scheduleOf(reference);
        return schedule === null || isUnsure ? [] : [[schedule, { contact, channel: contact === null ? null : 'sms' }]];
      }),
    ),
    lookAgainAt: handsOverAt,
  });
  const routeRequests: string[] = [];
  let quietUntil: (contact: string) => number | null = () => null;
  /** What pagers hold for the end of quiet hours. */
  let quietPages: { pageId: string; at: number; to: string }[] = [];
  let silence: Silenced | null = null;
  const silenceNow = (): Silenced | null => (silence !== null && silence.until > now ? silence : null);
  let silenceLooks = 0;
  /** As Temporal merges it. */
  const memo: Record<string, unknown> = {};
  const upserts: Record<string, unknown>[] = [];
  const labelRequests: (LabelInput & { id: string })[] = [];
  const changeReports: (ReportInput & { id: string })[] = [];
  let reportsEnd = true;
  let alarms = 0;
  const alarmLines: LogLine['about'][] = [];
  const errors: LogLine[] = [];
  let ended = false;
  let isSlow = false;
  let firstLearnt: Partial<ItemDetail> = {};
  /** The newest request of each kind to Tableau, and how many there were. */
  const requests = { lookUp: '', hasRecovered: '', rerun: '', checkJob: '', checkItem: '' };
  const counts = { lookUp: 0, hasRecovered: 0, rerun: 0, checkJob: 0, checkItem: 0 };

  let draining = false;
  const env = () => ({ now, draining });
  const input = (one: Input) => incidentMachine.handle(incident, one, env());
  const complete = (id: string, result: Result) => input({ type: 'completed', id, result });

  /** Performs effects until the machine has none for now. */
  function run(): void {
    for (let turns = 0; turns < 1_000; turns += 1) {
      const effects = incidentMachine.advance(incident, env());
      effects.forEach(perform);
      const wake = incidentMachine.wakeAt(incident, env());
      const isBusy = effects.some(({ type }) => type === 'activity') || (wake !== null && wake.at <= now);
      if (ended || !isBusy) return;
    }
    throw new Error('the incident machine does not stop returning effects');
  }

  function perform(effect: IncidentEffect): void {
    if (effect.type === 'end') ended = true;
    if (effect.type === 'memo') upserts.push(effect.memo);
    if (effect.type === 'memo') Object.assign(memo, effect.memo);
    if (effect.type === 'log' && effect.line.about['alarm'] === 'unacknowledged') alarms += 1;
    if (effect.type === 'log' && effect.line.level === 'error') errors.push(effect.line);
    if (effect.type === 'log' && 'alarm' in effect.line.about) alarmLines.push(effect.line.about);
    if (effect.type === 'cancel' && effect.id === underWay?.id) underWay = null;
    if (effect.type !== 'activity') return;
    summaries.push(effect.summary);
    begin(effect.id, effect.call);
  }

  function begin(id: string, call: Call): void {
    if (call.activity === 'signalPagers' || call.activity === 'retryPager') {
      underWay = { id, call };
      if (call.activity === 'retryPager') retries.push(call.input.contact);
      if (pagers !== 'unreachable') handOver();
      return;
    }
    if (call.activity === 'findOnCall') {
      onCallRequests.push({ id, references: call.input.references });
      const { references, by } = call.input;
      if (onCall !== null) complete(id, { activity: 'findOnCall', result: foundOnCall(onCall(references, by)) });
      return;
    }
    if (call.activity === 'chooseRoute') {
      routeRequests.push(id);
      return;
    }
    if (call.activity === 'findSilence') {
      silenceLooks += 1;
      complete(id, { activity: 'findSilence', result: silenceNow() });
      return;
    }
    if (call.activity === 'setLabel') {
      labelRequests.push({ id, ...call.input });
      return;
    }
    if (call.activity === 'reportChanges') {
      changeReports.push({ id, ...call.input });
      if (reportsEnd) complete(id, { activity: 'reportChanges', result: { told: ['team'], unreached: [] } });
      return;
    }
    requests[call.activity] = id;
    counts[call.activity] += 1;
    if (call.activity === 'lookUp' && !isSlow)
      complete(id, { activity: 'lookUp', result: { learnt: { problems: [] }, pending: [] } });
  }

  function handOver(): void {
    if (underWay === null) return;
    const { id, call } = underWay;
    underWay = null;
    const covering = call.activity === 'signalPagers' && call.input.subject ? silenceNow() : null;
    const arrived = call.input.messages.filter(
      ({ contact, signal }) => !unreachable.has(contact) && (covering === null || signal !== 'page'),
    );
    const missed = new Set(call.input.messages.flatMap(({ contact }) => (unreachable.has(contact) ? [contact] : [])));
    const unreached = [...missed].map((contact) => ({ contact, why: 'signal limit' }));
    const lookUp = call.activity === 'signalPagers' ? call.input.lookUp : undefined;
    if (lookUp) firstLookUps.push(lookUp);
    const pending = isSlow ? (lookUp?.parts ?? []).map((part) => ({ part, why: 'slow' })) : [];
    const lookedUp = { learnt: { problems: [], ...firstLearnt }, pending };
    complete(id, {
      activity: call.activity,
      result: { unreached, ...(lookUp ? { lookedUp } : {}), ...(covering ? { silenced: covering } : {}) },
    });
    messages.push(...arrived);
    if (pagers === 'sending') arrived.forEach(reportSent);
  }

  function reportSent(message: PagerMessage): void {
    if (message.signal === 'withdraw') {
      const { episode, upTo } = message.payload;
      const isOver = (pageId: string): boolean =>
        pageId.startsWith(`${episode}.`) && Number(pageId.slice(episode.length + 1)) <= upTo;
      quietPages = quietPages.filter(({ pageId, to }) => to !== message.contact || !isOver(pageId));
    }
    if (message.signal !== 'page') return;
    const { pageId, keepsQuietHours } = message.payload;
    const at = keepsQuietHours ? quietUntil(message.contact) : null;
    if (at === null) {
      input({ type: 'page-sent', sent: { pageId, at: now } });
      return;
    }
    quietPages.push({ pageId, at, to: message.contact });
    input({ type: 'page-held', held: { pageId, until: at, why: 'quiet hours', isQuiet: true } });
  }

  /** Pagers send what they hold for the end of quiet hours. */
  function endQuietHours(): void {
    const sent = quietPages.filter(({ at }) => at <= now);
    quietPages = quietPages.filter(({ at }) => at > now);
    for (const { pageId } of sent) input({ type: 'page-sent', sent: { pageId, at: now } });
  }

  function takesOver(state: Partial<Incident>): void {
    draining = false;
    incident = restoreIncident(startInput, JSON.parse(JSON.stringify(state)) as Partial<Incident>);
    run();
  }

  const then = (one: Input): void => {
    input(one);
    run();
  };

  const event = (type: string, createdAt: number): TableauEvent => ({
    type,
    item: { kind, luid: 'sales', name: 'Sales', site: 'site' },
    createdAt,
    receivedAt: now,
  });

  return {
    get incident() {
      return incident;
    },
    /** How it reads by its memo. */
    get shown() {
      const read = viewOf({
        type: incidentType,
        workflowId: incidentWorkflowId(startInput.id),
        startTime: new Date(start),
        status: { code: 1, name: 'RUNNING' },
        memo,
      });
      assert.ok(read);
      return read;
    },
    memo,
    /** What each upsert of the memo had. */
    upserts,
    /** One input, and what follows. */
    input: then,
    /** All signals to pagers so far. */
    messages,
    /** Look-ups that went with pages. */
    firstLookUps,
    /** How the Web UI calls the activities. */
    summaries,
    /** The contacts of all tries to signal a pager again. */
    retries,
    alarms: () => alarms,
    /** The fields of each line of the log with an alarm. */
    alarmLines,
    /** Lines of the log with the level error. */
    errors,
    ended: () => ended,
    now: () => now,
    pagersAre(mode: PagersMode) {
      pagers = mode;
      if (mode !== 'unreachable') handOver();
      run();
    },
    /** The run is about to end, and begins nothing more. */
    drains() {
      draining = true;
      run();
    },
    /** The next run begins with what this one hands over. */
    continuesAsNew: () => takesOver(incident),
    takesOver,
    /** A person cancels the workflow. */
    isCancelled: () => then({ type: 'cancel-requested' }),
    /** The run is about to end, so that what only reads is cancelled. */
    cancelsReads() {
      for (const effect of incidentMachine.advance(incident, { now, draining: true }))
        if (effect.type === 'cancel') input({ type: 'cancelled', id: effect.id });
    },
    /** Temporal refuses every signal to the pager of this contact, until it is `reachable` again. */
    unreachable: (contact: string) => unreachable.add(contact),
    reachable: (contact: string) => unreachable.delete(contact),
    fails(createdAt = now, type = 'WorkbookRefreshFailed', more: Partial<TableauEvent> = {}) {
      then({ type: 'event', event: { event: { ...event(type, createdAt), ...more }, policy: chosen } });
    },
    /** A failure of which Tableau could tell that another route fits. */
    failsUnrouted() {
      const failure = event('WorkbookRefreshFailed', now);
      then({ type: 'event', event: { event: failure, policy: chosen, policyMayChange: true } });
    },
    /** A failure while labels are on. */
    failsLabelled(who = false, more: Partial<TableauEvent> = {}) {
      const failure = { ...event('DatasourceRefreshFailed', now), ...more };
      then({ type: 'event', event: { event: failure, policy: chosen, labels: { who } } });
    },
    /** A failure while endpoints of outgoing webhooks want these changes. */
    failsWatched(
      changes: ChangeType[],
      createdAt = now,
      type = 'WorkbookRefreshFailed',
      more: Partial<EventSignal> = {},
    ) {
      then({ type: 'event', event: { event: event(type, createdAt), policy: chosen, changes, ...more } });
    },
    changes: {
      /** All reports to endpoints, in order. */
      reports: changeReports,
      /** "triggered", … of every report so far. */
      types: () => changeReports.flatMap(({ changes }) => changes.map((one) => one.type)),
      /** From now on the result of a report is still to come, until `answers`. */
      areSlow() {
        reportsEnd = false;
      },
      /** The result of the newest report. */
      answers(result: ReportResult) {
        then({ type: 'completed', id: changeReports.at(-1)?.id ?? '', result: { activity: 'reportChanges', result } });
      },
      fails() {
        const failure = { type: 'timeout', message: 'no worker', detail: undefined };
        then({ type: 'failed', id: changeReports.at(-1)?.id ?? '', failure });
      },
    },
    labels: {
      /** What Tableau was to show, in order. */
      requests: labelRequests,
      /** The result of the newest request. */
      answers: (result: LabelResult) =>
        then({ type: 'completed', id: labelRequests.at(-1)?.id ?? '', result: { activity: 'setLabel', result } }),
      fails: () =>
        then({
          type: 'failed',
          id: labelRequests.at(-1)?.id ?? '',
          failure: { type: 'timeout', message: 'timeout', detail: undefined },
        }),
    },
    /** The newest request for a route. */
    routes: {
      requests: () => routeRequests.length,
      answers: (result: Routed) =>
        then({ type: 'completed', id: routeRequests.at(-1) ?? '', result: { activity: 'chooseRoute', result } }),
      fails: () =>
        then({
          type: 'failed',
          id: routeRequests.at(-1) ?? '',
          failure: { type: 'timeout', message: 'timeout', detail: undefined },
        }),
    },
    succeeds(createdAt = now, type = 'WorkbookRefreshSucceeded') {
      then({ type: 'event', event: { event: event(type, createdAt) } });
    },
    isDeleted(createdAt = now) {
      then({ type: 'event', event: { event: event('WorkbookDeleted', createdAt) } });
    },
    /** What Tableau answers to the newest request of a kind. */
    tableau: {
      /** Leaves look-ups without a result. */
      isSlow() {
        isSlow = true;
      },
      /** What it answers when it is asked with the first page. */
      knows(learnt: Partial<ItemDetail>) {
        firstLearnt = learnt;
      },
      /** What it has learnt of the item. */
      answersLookUp(learnt: Partial<ItemDetail>) {
        const result = { learnt: { problems: [], ...learnt }, pending: [] };
        then({ type: 'completed', id: requests.lookUp, result: { activity: 'lookUp', result } });
      },
      hasRecovered(result: boolean) {
        then({ type: 'completed', id: requests.hasRecovered, result: { activity: 'hasRecovered', result } });
      },
      startsRerun(result: RerunStart) {
        then({ type: 'completed', id: requests.rerun, result: { activity: 'rerun', result } });
      },
      reportsJob(result: JobStatus) {
        then({ type: 'completed', id: requests.checkJob, result: { activity: 'checkJob', result } });
      },
      reportsItem(result: ItemStatus) {
        then({ type: 'completed', id: requests.checkItem, result: { activity: 'checkItem', result } });
      },
      failsToReportItem() {
        const failure = { type: tableauUnavailable, message: 'Tableau answered HTTP 503.', detail: undefined };
        then({ type: 'failed', id: requests.checkItem, failure });
      },
    },
    reruns: () => counts.rerun,
    /** From now on contacts have quiet hours until this says; null: none. */
    isQuiet(until: typeof quietUntil) {
      quietUntil = until;
    },
    silence: {
      /** From now on this silence covers the item; null: none. */
      is(found: Silenced | null) {
        silence = found;
      },
      /** How often the incident looked whether it lasts. */
      looks: () => silenceLooks,
    },
    onCall: {
      /** From now on references mean these contacts. */
      is(found: Record<string, string | null>) {
        isUnsure = false;
        onCall = () => found;
      },
      /** From now on references mean whom this says when it is asked. */
      by(find: NonNullable<typeof onCall>) {
        onCall = find;
      },
      /** The answers do not come until `answers`. */
      isSlow() {
        onCall = null;
      },
      /** Answers the request with this index, from the first on. */
      answers(found: Record<string, string | null>, index: number) {
        then({
          type: 'completed',
          id: onCallRequests[index]?.id ?? '',
          result: { activity: 'findOnCall', result: foundOnCall(found) },
        });
      },
      /** No worker could find the answer to the request with this index. */
      fails(index: number) {
        const failure = { type: 'timeout', message: 'no worker', detail: undefined };
        then({ type: 'failed', id: onCallRequests[index]?.id ?? '', failure });
      },
      /** Until `is` is called again it is not known for sure who is on call, but whom to page. */
      isUnsure() {
        isUnsure = true;
      },
      /** From now on nobody else comes on call before this time. */
      handsOverAt(at: number | null) {
        handsOverAt = at;
      },
      requests: () => onCallRequests.map(({ references }) => references),
    },
    checks: () => counts.checkJob,
    itemChecks: () => counts.checkItem,
    answers(answer: Partial<AnswerSignal>) {
      const answerId = answer.answerId ?? 'answer';
      const isCopy = incident.answers.some(({ id }) => id === answerId);
      then({ type: 'answer', answer: { answerId, verb: 'acknowledge', by: 'ana', ...answer } });
      return isCopy ? null : (incidentMachine.view(incident, { answerId })?.result ?? null);
    },
    /** What whoever gave an answer is told. */
    outcome: (answerId: string) => incidentMachine.view(incident, { answerId }),
    reports: {
      sent: (pageId: string) => then({ type: 'page-sent', sent: { pageId, at: now } }),
      held: (pageId: string, until: number, why = 'window') =>
        then({ type: 'page-held', held: { pageId, until, why } }),
      /** @param outage Twilio took it in none of its tries, so that nothing is known against the recipient */
      failed: (pageId: string, code: string, outage = false) =>
        then({ type: 'page-failed', failed: { pageId, code, ...(outage ? { outage } : {}) } }),
    },
    /** Moves time on, stopping whenever the machine wants to wake up. */
    later(ms: number) {
      const until = now + ms;
      for (;;) {
        const wake = incidentMachine.wakeAt(incident, env());
        const at = Math.min(wake?.at ?? Infinity, ...quietPages.map((page) => page.at));
        if (at > until) break;
        now = Math.max(now, at);
        endQuietHours();
        run();
        if (ended) break;
      }
      now = until;
      if (!ended) run();
    },
    /** Moves time on without running the machine, as while no worker runs. */
    withoutWorkers(ms: number) {
      now += ms;
    },
    run,
    /** "whatsapp ana", … for every page so far. */
    pages: () =>
      messages.flatMap((message) =>
        message.signal === 'page' ? [`${message.payload.channel} ${message.contact}`] : [],
      ),
    pageIds: () => messages.flatMap((message) => (message.signal === 'page' ? [message.payload.pageId] : [])),
    /** What each page so far says of a failed rerun: its cause, after "yours: " for whoever requested it; null when it says nothing. */
    rerunsOnPages: () =>
      messages.flatMap((message) => {
        if (message.signal !== 'page') return [];
        const { rerunFailed, rerunIsYours } = message.payload.facts;
        return [rerunFailed === undefined ? null : `${rerunIsYours ? 'yours: ' : ''}${rerunFailed}`];
      }),
    /** "recovered ana", … for every notice so far. */
    notices: () =>
      messages.flatMap((message) =>
        message.signal === 'notice' ? [`${message.payload.kind} ${message.contact}`] : [],
      ),
  };
}
