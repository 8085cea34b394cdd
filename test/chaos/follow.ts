/** One incident from its first delivery to its settled end, as Tableau, its people and a script live it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { scriptOf } from '../e2e/script.js';
import type { Case } from './ledger.js';
import type { Lane } from './lanes.js';
import { answer, type World } from './person.js';
import { leadsTo, type Plan } from './plans.js';
import { deliver } from './tableau-admin.js';

export interface Follow {
  begin: (name: string, luid: string, lane: Lane, plan: Plan) => Case;
  through: (subject: Case) => Promise<void>;
}

export interface FollowOptions {
  world: World;
  /** Where Tableau posts. */
  notifier: string;
  script: ReturnType<typeof scriptOf>;
  /** Whether our front page says that somebody did not answer; null when it could not be asked. */
  isLoud: () => Promise<boolean | null>;
}

/** After an answer nothing more may come: so long it is listened for. */
const listening = 3_000;

/** Whether the ladder is left for good by it. */
export const isFinal = (how: Plan['how']): boolean => how !== 'rerun' && how !== 'never' && how !== 'recover';

export function createFollow({ world, notifier, script, isLoud }: FollowOptions): Follow {
  const { sandbox, ledger, patience } = world;

  async function through(subject: Case): Promise<void> {
    const failed = await tell(subject, 'RefreshFailed');
    if (!failed && subject.acceptedAt === null) return;
    await live(subject);
    await see(subject, (state) => expected(subject).includes(state));
    if (subject.state === 'unacknowledged') {
      // The api may just have died.
      await until(patience, async () => {
        const loud = await isLoud();
        subject.loud = loud === true;
        return loud !== null;
      });
    }
    if (subject.state !== 'resolved' && subject.state !== 'triggered') {
      // Later it works again, so that the lane is free of what was.
      await tell(subject, 'RefreshSucceeded');
      await until(patience, async () => (await stateOf(subject)) === 'resolved');
    }
  }

  async function live(subject: Case): Promise<void> {
    const { plan, lane } = subject;
    if (plan.how === 'never') return;
    if (plan.how === 'recover') {
      await until(6 * lane.wait, async () => subject.pages.some(({ channel }) => channel === plan.rung));
      await pause(plan.after);
      await tell(subject, 'RefreshSucceeded');
      return;
    }
    const taken = await answer(world, subject);
    if (!taken) ledger.note(subject, subject.claims.length > 0 ? 'was never confirmed' : 'found no occasion to answer');
  }

  /** Waits for the state, listens for what may still come, and keeps what our door says then. */
  async function see(subject: Case, isEnd: (state: string) => boolean): Promise<void> {
    await until(patience, async () => {
      const state = await stateOf(subject);
      return state !== null && isEnd(state);
    });
    await pause(listening);
    await until(patience, async () => {
      const view = await script.incident(subject.id).catch(() => null);
      // Without a worker there is no timeline.
      if (view === null || view.timeline.length === 0) return false;
      subject.state = view.state;
      subject.allowed = expected(subject);
      subject.timeline = view.timeline;
      return true;
    });
    ledger.note(subject, `is ${subject.state}`);
  }

  const stateOf = async ({ id }: Case): Promise<string | null> =>
    script.incident(id).then(
      ({ state }) => state,
      () => null,
    );

  async function tell({ name, luid, lane }: Case, what: 'RefreshFailed' | 'RefreshSucceeded'): Promise<boolean> {
    const item = sandbox.panel.find(luid);
    if (item && lane.known) {
      const way = what === 'RefreshFailed' ? sandbox.panel.fail : sandbox.panel.recover;
      await way(item, { wait: true, ...(what === 'RefreshFailed' ? { condition: 'flaky' as const } : {}) });
      return until(patience, async () => takenAt(name, what) !== null);
    }
    // Later than the failure, in whole seconds.
    const at = Date.now() + (what === 'RefreshFailed' ? 0 : 1_000);
    const event = { event_type: `${lane.event}${what}`, resource_luid: luid, resource_name: name };
    return deliver(notifier, { ...event, site_luid: sandbox.siteLuid }, at);
  }

  const takenAt = (name: string, what: string): number | null => {
    const subject = ledger.cases.get(name);
    return (what === 'RefreshFailed' ? subject?.acceptedAt : subject?.recoveredAt) ?? null;
  };

  return {
    begin(name, luid, lane, plan) {
      const id = `refresh:${sandbox.siteLuid}:${luid}`;
      addItem(sandbox, name, luid, lane);
      return ledger.open({ name, id, luid, lane, plan });
    },
    through,
  };
}

function addItem(sandbox: Sandbox, name: string, luid: string, { known }: Lane): void {
  if (known) sandbox.panel.add({ kind: known, name, luid, project: 'Finance', owner: 'Olga Owner' });
}

/** The states in which it may end. */
function expected(subject: Pick<Case, 'plan' | 'tried' | 'claims' | 'recoveredAt'>): readonly string[] {
  const { plan, tried, claims, recoveredAt } = subject;
  // The refresh that a person runs again ends with a webhook of its own, at any moment.
  if (recoveredAt !== null && plan.how !== 'rerun') return ['resolved'];
  if (claims.length > 0)
    return [...new Set([...claims.map(({ how }) => how), ...tried].flatMap((how) => leadsTo[how]))];
  return [...new Set(['unacknowledged', ...[plan.how, ...tried].flatMap((how) => leadsTo[how])])];
}

/** Whether it became true within so many milliseconds. */
async function until(patience: number, isSo: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    if (await isSo()) return true;
    await pause(500);
  }
  return false;
}
