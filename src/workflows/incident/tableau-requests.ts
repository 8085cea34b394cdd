import { isCancellation, log, proxyActivities, sleep } from '@temporalio/workflow';
import type {
  JobStatus,
  LookedUp,
  LookUpInput,
  LookUpPart,
  RerunStart,
  TableauActivities,
} from '../activity-contract.js';
import type { ItemDetail } from '../contract.js';
import { applyRecoveryCheck } from './episode.js';
import { applyJob, applyRerunStart } from './rerun.js';
import { isOpen, type Incident } from './state.js';

/** The first look ends before the first page has to go, and the others when Tableau's own limits have passed; milliseconds. */
const quickLook = 800;
const patientLook = 12_000;
/** Before Tableau is asked again for what it did not tell. */
const pauses = [1_000, 5_000, 15_000, 30_000] as const;

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' } as const;

const reads = proxyActivities<TableauActivities>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '60s',
  retry,
});

// Safe to try again: a refresh that is queued already is said to be queued.
const writes = proxyActivities<TableauActivities>({
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '2m',
  retry,
});

export interface TableauTalk {
  /** Asks for detail, once per episode. The escalation does not wait for it longer than its budget. */
  lookUp: () => void;
  askHealing: () => void;
  rerun: () => void;
  checkJob: () => void;
  /** Whether an answer of Tableau is still to come. */
  isTalking: () => boolean;
}

/**
 * What an incident asks Tableau, beside its own course: nothing here is waited for, and every answer becomes part of the
 * incident when it comes, if the incident still has a place for it.
 */
export function createTableauTalk(incident: Incident, changed: () => void): TableauTalk {
  let open = 0;

  function ask<T>(what: string, question: Promise<T>, otherwise: T, take: (answer: T) => void): void {
    open += 1;
    void question
      .catch((error: unknown) => {
        if (!isCancellation(error))
          log.warn(`Tableau did not answer: ${what}`, { incident: incident.id, error: String(error) });
        return otherwise;
      })
      .then((answer) => {
        open -= 1;
        take(answer);
        changed();
      });
  }

  const input = (): LookUpInput => ({ item: incident.item, event: incident.event, at: incident.lastFailedAt });

  /** First what is known within the budget of the first page, then again for what was not, with growing pauses. */
  function lookFurther(episode: string, parts: LookUpPart[], turn: number): void {
    const within = turn === 0 ? quickLook : patientLook;
    const summary = turn === 0 ? 'What broke, why, how bad' : `Once more: ${parts.join(', ')}`;
    const pending = parts.map((part) => ({ part, why: 'Tableau could not be asked.' }));
    const nothing: LookedUp = { learnt: { problems: [] }, pending };
    const looked = reads.lookUp.executeWithOptions({ summary }, [{ ...input(), parts, withinMs: within }]);
    ask('detail', looked, nothing, (found) => {
      if (incident.episode !== episode) return;
      learn(found.learnt);
      const left = found.pending.map(({ part }) => part);
      const wait = pauses[turn];
      if (left.length === 0 || wait === undefined || !isOpen(incident)) {
        learn({ problems: found.pending.map(({ why }) => why) });
        incident.lookedUp = true;
        return;
      }
      ask('pause', sleep(wait, { summary: 'Before Tableau is asked again' }), undefined, () => {
        if (incident.episode === episode) lookFurther(episode, left, turn + 1);
      });
    });
  }

  function learn(learnt: Partial<ItemDetail>): void {
    const problems = [...new Set([...(incident.detail?.problems ?? []), ...(learnt.problems ?? [])])];
    incident.detail = { ...incident.detail, ...learnt, problems };
  }

  return {
    lookUp() {
      const { episode } = incident;
      if (episode === null || incident.lookedUp !== null) return;
      incident.lookedUp = false;
      lookFurther(episode, ['item', 'cause', 'severity'], 0);
    },
    askHealing() {
      const { episode, recoveryCheck: healing } = incident;
      if (episode === null || healing === null) return;
      healing.askedAt = Date.now();
      const question = reads.hasRecovered.executeWithOptions(
        { summary: 'Has it healed since?', scheduleToCloseTimeout: '30s' },
        [input()],
      );
      ask('healed', question, false, (healed) => applyRecoveryCheck(incident, episode, healed, Date.now()));
    },
    rerun() {
      const { rerun } = incident;
      if (rerun === null) return;
      rerun.phase = 'asking';
      const question = writes.rerun.executeWithOptions({ summary: 'Run it again' }, [{ item: incident.item }]);
      const refused: RerunStart = { state: 'refused', why: 'Tableau could not be reached.' };
      ask('rerun', question, refused, (start) => applyRerunStart(incident, rerun, start, Date.now()));
    },
    checkJob() {
      const { rerun } = incident;
      if (rerun === null || rerun.job === null) return;
      rerun.checking = true;
      const question = reads.checkJob.executeWithOptions({ summary: 'Has the refresh ended?' }, [{ job: rerun.job }]);
      // Asked again at the next turn.
      const running: JobStatus = { state: 'running' };
      ask('job', question, running, (standing) => applyJob(incident, rerun, standing, Date.now()));
    },
    isTalking: () => open > 0,
  };
}
