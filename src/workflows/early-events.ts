/**
 * Refuses what has happened to a workflow when it comes before its task.
 *
 * A question that waited for a worker brings whatever has happened since the last task. The SDK's core applies that before it
 * has the question answered (`crates/sdk-core/src/worker/workflow/history_update.rs`: what follows the last task counts as
 * one): by the clock of the task before, and apart from what will come with it in its own task. What the workflow decides then
 * can differ from what every replay decides, and it would stand still for ever (TMPRL1100). So the question fails, and may be
 * asked again; the worker forgets the workflow, and the task begins with the whole history.
 */
import type {
  ActivateInput,
  Next,
  WorkflowInternalsInterceptor,
  WorkflowInterceptorsFactory,
} from '@temporalio/workflow';

class EarlyEvents implements WorkflowInternalsInterceptor {
  #length = 0;
  #task = '';

  /** Throws when events are new, yet the clock and the size of the history, which every task brings, are those of the last. */
  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    const { historyLength, historySizeBytes, timestamp, isReplaying, jobs } = input.activation;
    const length = historyLength ?? 0;
    const task = `${String(timestamp?.seconds)}.${timestamp?.nanos} ${String(historySizeBytes)}`;
    const hasEvents = jobs?.some(({ queryWorkflow, removeFromCache }) => !queryWorkflow && !removeFromCache) === true;
    if (hasEvents && isReplaying !== true && length > this.#length && task === this.#task) {
      throw new Error(`Events up to ${length} came with a question, before their task: it can be asked again`);
    }
    this.#length = length;
    this.#task = task;
    next(input);
  }
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [new EarlyEvents()] });
