import {
  ActivityCancellationType,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { PagerMessage, PagingActivities } from '../activity-contract.js';
import {
  answeredQuery,
  answerSignal,
  eventSignal,
  failedSignal,
  heldSignal,
  searchAttributes,
  sentSignal,
  viewQuery,
  type IncidentInput,
  type IncidentRow,
} from '../contract.js';
import { applyAnswer, applyEvent, applyFailed, applyHeld, applySent } from './episode.js';
import { decide } from './machine.js';
import { hasOnlyBegun, isUnreported, pagedBefore, takeStep } from './escalation.js';
import { writeLines } from '../log-lines.js';
import { newIncident, type Decision, type Incident } from './state.js';
import { createTableauTalk } from './tableau-requests.js';
import { settleAll } from './pager-messages.js';
import { channelName } from '../words.js';
import { detailsOf, rowOf, viewOf } from './view.js';

const paging = proxyActivities<PagingActivities>({
  startToCloseTimeout: '10s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

const stateKey = defineSearchAttributeKey(searchAttributes.state, SearchAttributeType.KEYWORD);
const itemKey = defineSearchAttributeKey(searchAttributes.item, SearchAttributeType.KEYWORD);
const eventKey = defineSearchAttributeKey(searchAttributes.event, SearchAttributeType.KEYWORD);

/** Messages that one activity hands over; more wait for the next. */
const batchSize = 20;

/** What an earlier run hands over when it continues as new. */
interface IncidentRun extends IncidentInput {
  carried?: Incident;
}

/** The durable life of one failing item: it is paged for until somebody answers, or it works again. */
export async function incident(input: IncidentRun): Promise<void> {
  const incident: Incident = { ...(input.carried ?? newIncident(input)), logLines: [] };
  // A timer that has fired was due, whatever the clock says: clocks of servers differ.
  let atLeast = 0;
  const now = (): number => Math.max(atLeast, Date.now());
  let changes = 0;
  let decision: Decision = decide(incident, now());
  let published = '';
  let searchable = '';

  const report = (): void => writeLines(incident.logLines, { incident: incident.id });
  const changed = (): void => {
    changes += 1;
    report();
  };
  const tableau = createTableauTalk(incident, changed);
  setHandler(
    eventSignal,
    (signal) => {
      applyEvent(incident, signal, now(), uuid4());
      changed();
    },
    { description: 'A Tableau webhook for this item' },
  );
  setHandler(
    answerSignal,
    (answer) => {
      applyAnswer(incident, answer, now());
      changed();
    },
    { description: 'Somebody answered' },
  );
  setHandler(sentSignal, (sent) => {
    applySent(incident, sent, now());
    changed();
  });
  setHandler(heldSignal, (held) => {
    applyHeld(incident, held, now());
    changed();
  });
  setHandler(failedSignal, (failed) => {
    applyFailed(incident, failed, now());
    changed();
  });
  setHandler(viewQuery, () => viewOf(incident, decision), { description: 'The incident as the api shows it' });
  setHandler(answeredQuery, (answerId) => incident.answers.find(({ id }) => id === answerId)?.result ?? null);

  try {
    await run();
  } catch (error) {
    if (isCancellation(error)) {
      settleAll(incident, 'cancelled', null);
      await CancellationScope.nonCancellable(() => tell());
    }
    throw error;
  }

  async function run(): Promise<void> {
    for (;;) {
      tableau.lookUp();
      decision = decide(incident, now());
      report();
      switch (decision.do) {
        case 'tell':
          await tell();
          break;
        case 'step':
          if (takeStep(incident, now()).exhausted) {
            log.error('Nobody answered: the incident is unacknowledged', {
              alarm: 'unacknowledged',
              incident: incident.id,
            });
          }
          break;
        case 'rerun':
          tableau.rerun();
          break;
        case 'check':
          tableau.checkJob();
          break;
        case 'ask-healing':
          tableau.askHealing();
          break;
        case 'again':
          break;
        case 'end':
          publish();
          return;
        case 'wait':
          if (workflowInfo().continueAsNewSuggested && !tableau.isTalking()) {
            await continueAsNew<(input: IncidentRun) => Promise<void>>({ ...input, carried: incident });
          }
          publish();
          await wait(decision.until, decision.what);
          break;
      }
    }
  }

  async function wait(until: number | null, what: string): Promise<void> {
    const seen = changes;
    const moved = (): boolean => changes !== seen;
    if (until === null) await condition(moved);
    else if (!(await condition(moved, Math.max(1, until - now()), { summary: what }))) atLeast = until;
  }

  async function tell(): Promise<void> {
    while (incident.outgoing.length > 0) {
      const messages = incident.outgoing.splice(0, batchSize);
      if (!(await handOver(messages))) incident.outgoing.unshift(...messages.filter(({ signal }) => signal !== 'page'));
    }
  }

  /**
   * False when somebody answered before its pages were handed over, which takes long where a process died or Temporal was
   * away. Then nothing of it is waited for: pagers ignore pages that their withdrawal overtakes, and copies of the rest.
   */
  async function handOver(messages: PagerMessage[]): Promise<boolean> {
    const { episode } = incident;
    const hasPages = messages.some(({ signal }) => signal === 'page');
    const isOvertaken = (): boolean => hasPages && (incident.state !== 'triggered' || incident.episode !== episode);
    const handing = new CancellationScope();
    try {
      return await handing.run(() =>
        Promise.race([
          paging.signalPagers
            .executeWithOptions({ summary: summaryOf(messages) }, [
              { messages, dueAt: incident.escalation.dueAt, paged: pagedBefore(incident) },
            ])
            .then(() => true),
          condition(isOvertaken).then(() => false),
        ]),
      );
    } finally {
      handing.cancel();
    }
  }

  /** Shows where the incident stands, where that changed. */
  function publish(): void {
    setCurrentDetails(detailsOf(incident, decision));
    if (incident.state === null) return;
    const row = rowOf(incident, decision);
    if (hasOnlyBegun(incident)) {
      // The api has written what can be said of it.
      searchable = searchableOf(row);
      return;
    }
    if (isUnreported(incident)) return;
    const text = JSON.stringify(row);
    if (text === published) return;
    published = text;
    upsertMemo({ incident: row });
    const found = searchableOf(row);
    if (!input.searchAttributes || found === searchable) return;
    searchable = found;
    upsertSearchAttributes([
      { key: stateKey, value: row.state },
      { key: itemKey, value: row.item.name },
      { key: eventKey, value: row.event },
    ]);
  }
}

const searchableOf = ({ state, event, item }: IncidentRow): string => `${state} ${event} ${item.name}`;

function summaryOf(messages: PagerMessage[]): string {
  const parts = messages.map((message) =>
    message.signal === 'page'
      ? `${channelName[message.payload.channel]} to ${message.contact}`
      : `${message.signal} to ${message.contact}`,
  );
  return parts.join(', ').slice(0, 200);
}
