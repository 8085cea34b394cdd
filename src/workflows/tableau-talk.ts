import { isCancellation, log, proxyActivities } from '@temporalio/workflow';
import {
  taskQueues,
  type ItemDetail,
  type JobStanding,
  type LookUpInput,
  type RerunStart,
  type TableauActivities,
} from './contract.js';
import { applyHealing } from './episode.js';
import { applyJob, applyRerunStart } from './rerun.js';
import type { Story } from './story.js';

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s' } as const;

const reads = proxyActivities<TableauActivities>({
  taskQueue: taskQueues.tableau,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '60s',
  retry,
});

// Safe to try again: a refresh that is queued already is said to be queued.
const writes = proxyActivities<TableauActivities>({
  taskQueue: taskQueues.tableau,
  startToCloseTimeout: '20s',
  scheduleToCloseTimeout: '2m',
  retry,
});

export interface TableauTalk {
  /** Asks for detail, once per episode. The ladder does not wait for it longer than its budget. */
  lookUp: () => void;
  askHealing: () => void;
  rerun: () => void;
  checkJob: () => void;
  /** Whether an answer of Tableau is still to come. */
  isTalking: () => boolean;
}

/**
 * What an incident asks Tableau, beside its own course: nothing here is waited for, and every answer becomes part of the
 * story when it comes, if the story still has a place for it.
 */
export function createTableauTalk(story: Story, changed: () => void): TableauTalk {
  let open = 0;

  function ask<T>(what: string, question: Promise<T>, otherwise: T, take: (answer: T) => void): void {
    open += 1;
    void question
      .catch((error: unknown) => {
        if (!isCancellation(error))
          log.warn(`Tableau did not answer: ${what}`, { incident: story.id, error: String(error) });
        return otherwise;
      })
      .then((answer) => {
        open -= 1;
        take(answer);
        changed();
      });
  }

  const input = (): LookUpInput => ({ item: story.item, event: story.event, at: story.lastFailedAt });

  /** Answers come in any order, and each adds to what is known. */
  function learn(episode: string, learnt: Partial<ItemDetail>): void {
    if (story.episode !== episode) return;
    const problems = [...new Set([...(story.detail?.problems ?? []), ...(learnt.problems ?? [])])];
    story.detail = { ...story.detail, ...learnt, problems };
    story.lookUps = Math.max(0, (story.lookUps ?? 0) - 1);
  }

  return {
    lookUp() {
      const { episode } = story;
      if (episode === null || story.lookUps !== null) return;
      story.lookUps = 3;
      const about = [input()] as [LookUpInput];
      const silence = { problems: ['Tableau did not answer.'] };
      const take = (learnt: Partial<ItemDetail>): void => learn(episode, learnt);
      ask('item', reads.lookUpItem.executeWithOptions({ summary: 'What is broken' }, about), silence, take);
      ask('cause', reads.lookUpCause.executeWithOptions({ summary: 'Why it failed' }, about), silence, take);
      ask('severity', reads.lookUpSeverity.executeWithOptions({ summary: 'How bad it is' }, about), silence, take);
    },
    askHealing() {
      const { episode, healing } = story;
      if (episode === null || healing === null) return;
      healing.askedAt = Date.now();
      const question = reads.hasHealed.executeWithOptions(
        { summary: 'Has it healed since?', scheduleToCloseTimeout: '30s' },
        [input()],
      );
      ask('healed', question, false, (healed) => applyHealing(story, episode, healed, Date.now()));
    },
    rerun() {
      const { rerun } = story;
      if (rerun === null) return;
      rerun.phase = 'asking';
      const question = writes.rerun.executeWithOptions({ summary: 'Run it again' }, [{ item: story.item }]);
      const refused: RerunStart = { state: 'refused', why: 'Tableau could not be reached.' };
      ask('rerun', question, refused, (start) => applyRerunStart(story, rerun, start, Date.now()));
    },
    checkJob() {
      const { rerun } = story;
      if (rerun === null || rerun.job === null) return;
      rerun.checking = true;
      const question = reads.checkJob.executeWithOptions({ summary: 'Has the refresh ended?' }, [{ job: rerun.job }]);
      // Asked again at the next turn.
      const running: JobStanding = { state: 'running' };
      ask('job', question, running, (standing) => applyJob(story, rerun, standing, Date.now()));
    },
    isTalking: () => open > 0,
  };
}
