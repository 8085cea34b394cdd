import { applyAnswer, applyEvent, applyFailed, applyHeld, applySent } from '../../src/workflows/incident/episode.js';
import { decide } from '../../src/workflows/incident/machine.js';
import { takeStep } from '../../src/workflows/incident/escalation.js';
import { applyJob, applyRerunStart } from '../../src/workflows/incident/rerun.js';
import type { JobStatus, PagerMessage, RerunStart } from '../../src/workflows/activity-contract.js';
import type { AnswerSignal, ItemKind, Policy, TableauEvent } from '../../src/workflows/contract.js';
import { hour, minute, newIncident, type Rerun } from '../../src/workflows/incident/state.js';

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

/**
 * An incident without a server: its pure parts driven by a clock of the test's own. Pagers accept what they are handed
 * unless `pagersAre('silent')`.
 */
export function incidentOnPaper(chosen: Policy = policy, kind: ItemKind = 'workbook') {
  const incident = newIncident({ id: 'refresh:site:sales', settings: { lingerMs: hour, forgetMs: 7 * 24 * hour } });
  const told: PagerMessage[] = [];
  let now = start;
  let pagers: 'sending' | 'silent' = 'sending';
  let alarms = 0;
  let ended = false;
  let reruns = 0;
  let slow = false;
  let checks = 0;
  let asked: Rerun | null = null;

  function settle(): void {
    for (let turns = 0; turns < 1_000; turns += 1) {
      const decision = decide(incident, now);
      if (decision.do === 'wait') return;
      if (decision.do === 'end') {
        ended = true;
        return;
      }
      if (decision.do === 'step' && takeStep(incident, now).exhausted) alarms += 1;
      if (decision.do === 'tell') hand(incident.outgoing.splice(0));
      if (decision.do === 'ask-healing' && incident.recoveryCheck) incident.recoveryCheck.askedAt = now;
      if (decision.do === 'rerun' && incident.rerun) {
        incident.rerun.phase = 'asking';
        asked = incident.rerun;
        reruns += 1;
      }
      if (decision.do === 'check' && incident.rerun) {
        incident.rerun.checking = true;
        checks += 1;
      }
    }
    throw new Error('the incident does not come to rest');
  }

  function hand(messages: PagerMessage[]): void {
    told.push(...messages);
    if (pagers === 'silent') return;
    for (const message of messages) {
      if (message.signal === 'page') applySent(incident, { pageId: message.payload.pageId, at: now }, now);
    }
  }

  const event = (type: string, createdAt: number): TableauEvent => ({
    type,
    item: { kind, luid: 'sales', name: 'Sales', site: 'site' },
    createdAt,
    receivedAt: now,
  });

  return {
    incident,
    told,
    alarms: () => alarms,
    ended: () => ended,
    now: () => now,
    pagersAre(mode: 'sending' | 'silent') {
      pagers = mode;
    },
    fails(createdAt = now, type = 'WorkbookRefreshFailed') {
      applyEvent(incident, { event: event(type, createdAt), policy: chosen }, now, `episode-${createdAt - start}`);
      if (!slow) incident.detail ??= { problems: [] };
      settle();
    },
    succeeds(createdAt = now) {
      applyEvent(incident, { event: event('WorkbookRefreshSucceeded', createdAt) }, now, 'unused');
      settle();
    },
    isDeleted(createdAt = now) {
      applyEvent(incident, { event: event('WorkbookDeleted', createdAt) }, now, 'unused');
      settle();
    },
    /** What Tableau answers to the newest request to run it again, and of its job. */
    tableau: {
      /** Its look-ups of the next episode are not answered. */
      isSlow() {
        slow = true;
      },
      starts(answer: RerunStart) {
        if (asked) applyRerunStart(incident, asked, answer, now);
        settle();
      },
      says(standing: JobStatus) {
        if (asked) applyJob(incident, asked, standing, now);
        settle();
      },
    },
    reruns: () => reruns,
    checks: () => checks,
    answers(answer: Partial<AnswerSignal>) {
      const result = applyAnswer(incident, { answerId: 'answer', verb: 'acknowledge', by: 'ana', ...answer }, now);
      settle();
      return result;
    },
    reports: {
      sent: (pageId: string) => {
        applySent(incident, { pageId, at: now }, now);
        settle();
      },
      held: (pageId: string, until: number, why = 'window') => {
        applyHeld(incident, { pageId, until, why }, now);
        settle();
      },
      failed: (pageId: string, code: string) => {
        applyFailed(incident, { pageId, code }, now);
        settle();
      },
    },
    /** Moves time on, stopping wherever the incident wanted to wake up. */
    later(ms: number) {
      const until = now + ms;
      for (;;) {
        const decision = decide(incident, now);
        if (decision.do !== 'wait' || decision.until === null || decision.until > until) break;
        now = Math.max(now, decision.until);
        settle();
      }
      now = until;
      settle();
    },
    /** Time goes on while no worker lives; then one is there again. */
    nobodyWorksFor(ms: number) {
      now += ms;
    },
    works: () => settle(),
    /** "whatsapp ana", … for every page so far. */
    pages: () =>
      told.flatMap((message) => (message.signal === 'page' ? [`${message.payload.channel} ${message.contact}`] : [])),
    pageIds: () => told.flatMap((message) => (message.signal === 'page' ? [message.payload.pageId] : [])),
    /** "recovered ana", … for every notice so far. */
    notices: () =>
      told.flatMap((message) => (message.signal === 'notice' ? [`${message.payload.kind} ${message.contact}`] : [])),
  };
}
