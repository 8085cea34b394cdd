/** One incident from its first delivery until its state is final: what Tableau, the contacts and a script do with it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { scriptOf } from '../e2e/script.js';
import type { Case } from './ledger.js';
import { hasForeignLabel, setForeignLabel } from './labels.js';
import type { Lane } from './lanes.js';
import { answer, type World } from './person.js';
import { leadsTo, type Plan } from './plans.js';
import { deliver } from './webhook-delivery.js';

export interface Follow {
  begin: (name: string, luid: string, lane: Lane, plan: Plan) => Case;
  untilSettled: (subject: Case) => Promise<void>;
}

export interface FollowOptions {
  world: World;
  /** The address for Tableau's webhooks. */
  notifier: string;
  script: ReturnType<typeof scriptOf>;
  /** Whether `GET /` shows the alarm `incidents-unacknowledged`; null without an answer. */
  showsAlarm: () => Promise<boolean | null>;
}

/** How long to wait after the final state for pages that must not arrive. */
const settleMs = 3_000;
/**
 * Alarms come from a list that Temporal writes after the decision. A query shows a decision as soon as a worker could make it, yet the
 * workflow task may be with a frozen worker, where it times out after 10 s.
 */
const alarmDelayMs = 20_000;
/** A page that left just before its incident was over is reported to it when the send ends. */
const reportDelayMs = 20_000;

/** Whether the escalation ends for good with such an answer. */
export const isFinal = (how: Plan['how']): boolean => how !== 'rerun' && how !== 'never' && how !== 'recover';

export function createFollow({ world, notifier, script, showsAlarm }: FollowOptions): Follow {
  const { sandbox, ledger, timeoutMs } = world;

  async function untilSettled(subject: Case): Promise<void> {
    const failed = await sendEvent(subject, 'RefreshFailed');
    if (!failed && subject.acceptedAt === null) return;
    await actAsPlanned(subject);
    await observe(subject, (state) => expected(subject).includes(state));
    if (subject.state === 'unacknowledged') {
      // The api may have been killed just now.
      let answeredAt = Infinity;
      await until(timeoutMs, async () => {
        const shown = await showsAlarm();
        if (shown !== null) answeredAt = Math.min(answeredAt, Date.now());
        subject.alarmShown = shown === true;
        return subject.alarmShown || Date.now() - answeredAt > alarmDelayMs;
      });
    }
    if (subject.state !== 'resolved' && subject.state !== 'triggered') {
      // The refresh recovers, so that the next incident of the lane starts without open ones.
      await sendEvent(subject, 'RefreshSucceeded');
      await until(timeoutMs, async () => (await stateOf(subject)) === 'resolved');
      // A page may have been under way.
      await pause(settleMs);
      await until(reportDelayMs, () => isReported(subject));
    }
  }

  /** Whether the timeline, which it reads, has each page that arrived: the last page of an escalation comes after its end. */
  async function isReported(subject: Case): Promise<boolean> {
    const { timeline } = await script.incident(subject.id).catch(() => ({ timeline: [] }));
    if (timeline.length > 0) subject.timeline = timeline;
    return timeline.filter(({ type }) => type === 'sent').length >= subject.pages.length;
  }

  async function actAsPlanned(subject: Case): Promise<void> {
    const { plan, lane } = subject;
    if (plan.how === 'never') return;
    if (plan.how === 'recover') {
      await until(6 * lane.waitMs, async () => subject.pages.some(({ channel }) => channel === plan.channel));
      await pause(plan.afterMs);
      await sendEvent(subject, 'RefreshSucceeded');
      return;
    }
    const accepted = await answer(world, subject);
    if (!accepted)
      ledger.log(subject, subject.answers.length > 0 ? 'the answer was never confirmed' : 'no page to answer');
  }

  /** Waits for a final state and for late pages, then records what the api answers about the incident. */
  async function observe(subject: Case, isEnd: (state: string) => boolean): Promise<void> {
    await until(timeoutMs, async () => {
      const state = await stateOf(subject);
      return state !== null && isEnd(state);
    });
    await pause(settleMs);
    await until(timeoutMs, async () => {
      const view = await script.incident(subject.id).catch(() => null);
      // Without a worker the api gives no timeline.
      if (view === null || view.timeline.length === 0) return false;
      subject.state = view.state;
      subject.allowed = expected(subject);
      subject.timeline = view.timeline;
      return true;
    });
    ledger.log(subject, `state: ${subject.state}`);
  }

  const stateOf = async ({ id }: Case): Promise<string | null> =>
    script.incident(id).then(
      ({ state }) => state,
      () => null,
    );

  async function sendEvent({ name, luid, lane }: Case, what: 'RefreshFailed' | 'RefreshSucceeded'): Promise<boolean> {
    const item = sandbox.panel.find(luid);
    if (item && lane.known) {
      const report = what === 'RefreshFailed' ? sandbox.panel.fail : sandbox.panel.recover;
      await report(item, { wait: true, ...(what === 'RefreshFailed' ? { condition: 'flaky' as const } : {}) });
      return until(timeoutMs, async () => acceptedAt(name, what) !== null);
    }
    // Tableau writes whole seconds: a recovery must be later than its failure.
    const at = Date.now() + (what === 'RefreshFailed' ? 0 : 1_000);
    const event = { event_type: `${lane.event}${what}`, resource_luid: luid, resource_name: name };
    return deliver(notifier, { ...event, site_luid: sandbox.siteLuid }, at);
  }

  const acceptedAt = (name: string, what: string): number | null => {
    const subject = ledger.cases.get(name);
    return (what === 'RefreshFailed' ? subject?.acceptedAt : subject?.recoveredAt) ?? null;
  };

  return {
    begin(name, luid, lane, plan) {
      const id = `refresh:${sandbox.siteLuid}:${luid}`;
      addItem(sandbox, name, luid, lane);
      if (lane.known === 'datasource' && hasForeignLabel(name)) setForeignLabel(sandbox.labels, { name, luid });
      return ledger.open({ name, id, luid, lane, plan });
    },
    untilSettled,
  };
}

function addItem(sandbox: Sandbox, name: string, luid: string, { known }: Lane): void {
  if (known) sandbox.panel.add({ kind: known, name, luid, project: 'Finance', owner: 'Olga Owner' });
}

/** The states in which the incident may end. */
function expected(subject: Pick<Case, 'plan' | 'attempted' | 'answers' | 'recoveredAt'>): readonly string[] {
  const { plan, attempted, answers, recoveredAt } = subject;
  // A refresh that a contact runs again ends with a webhook of its own at any time.
  if (recoveredAt !== null && plan.how !== 'rerun') return ['resolved'];
  if (answers.length > 0)
    return [...new Set([...answers.map(({ how }) => how), ...attempted].flatMap((how) => leadsTo[how]))];
  return [...new Set(['unacknowledged', ...[plan.how, ...attempted].flatMap((how) => leadsTo[how])])];
}

/** Whether the condition became true in time. */
async function until(timeoutMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (await condition()) return true;
    await pause(500);
  }
  return false;
}
