/**
 * Refuses events that reach a worker before their workflow task.
 *
 * A query that waited for a worker brings the events since the last workflow task. SDK core applies them before it answers the query
 * (`crates/sdk-core/src/worker/workflow/history_update.rs` counts what follows the last workflow task as one): with the clock of
 * the task before, and apart from the events that will come with them in their own task. The workflow can then decide
 * differently from every replay, which fails for ever (TMPRL1100, nondeterminism). So this interceptor fails the query, which the
 * client may repeat; the worker evicts the workflow from its sticky cache, and the task begins with the whole history.
 *
 * A query may also bring a workflow task that has begun at another worker and times out there, because that one is frozen or dead. It looks
 * like a task of this worker until the next one arrives, whose history is then too short for what this worker decided. That task
 * fails once and begins again with the whole history; it loses nothing but milliseconds.
 */
import type {
  ActivateInput,
  ConcludeActivationInput,
  ConcludeActivationOutput,
  Next,
  WorkflowInternalsInterceptor,
  WorkflowInterceptorsFactory,
} from '@temporalio/workflow';

type Jobs = NonNullable<ActivateInput['activation']['jobs']>;
type Commands = ConcludeActivationInput['commands'];

/** The id that core gives to a query that comes alone, not with a workflow task (`crates/sdk-core/src/worker/workflow/mod.rs`). */
const loneQuery = 'legacy_query';
/** Events between two workflow tasks besides commands and inputs: completed, scheduled, started. */
const eventsOfTask = 3;

class EarlyEvents implements WorkflowInternalsInterceptor {
  #length = 0;
  #task = '';
  /** The least number of events that the commands of the newest task leave, and whether a lone query came next. */
  #decided = 0;
  #isOpen = false;
  #isQueried = false;

  /**
   * Throws when events are new, yet the clock and the size of the history, which every task brings, are those of the last; and when
   * the events of commands before a query are missing.
   */
  activate(input: ActivateInput, next: Next<WorkflowInternalsInterceptor, 'activate'>): void {
    const { historyLength, historySizeBytes, timestamp, isReplaying } = input.activation;
    const jobs = input.activation.jobs ?? [];
    const length = historyLength ?? 0;
    const task = `${String(timestamp?.seconds)}.${timestamp?.nanos} ${String(historySizeBytes)}`;
    const hasEvents = jobs.some(({ queryWorkflow, removeFromCache }) => !queryWorkflow && !removeFromCache);
    this.#isOpen = hasEvents && isReplaying !== true;
    if (this.#isOpen && length > this.#length) {
      if (task === this.#task) {
        throw new Error(`Events up to ${length} came with a query, before their workflow task: repeat the query`);
      }
      if (this.#isQueried && length < this.#length + this.#decided + eventsOfTask + eventsOf(jobs)) {
        throw new Error(
          `A query had brought the workflow task of another worker, up to event ${this.#length}: this task begins again`,
        );
      }
    }
    if (hasEvents && length > this.#length) this.#decided = 0;
    this.#isQueried =
      !hasEvents && (this.#isQueried || jobs.some(({ queryWorkflow }) => queryWorkflow?.queryId === loneQuery));
    this.#length = length;
    this.#task = task;
    next(input);
  }

  concludeActivation(
    input: ConcludeActivationInput,
    next: Next<WorkflowInternalsInterceptor, 'concludeActivation'>,
  ): ConcludeActivationOutput {
    const output = next(input);
    if (this.#isOpen) this.#decided += decidedBy(output.commands);
    return output;
  }
}

/** The least number of events behind some jobs. The start of an activity is written with its end. */
function eventsOf(jobs: Jobs): number {
  return jobs.reduce((count, { signalWorkflow, fireTimer, resolveActivity, resolveSignalExternalWorkflow }) => {
    if (resolveActivity) return count + (resolveActivity.result?.cancelled ? 1 : 2);
    return count + (signalWorkflow || fireTimer || resolveSignalExternalWorkflow ? 1 : 0);
  }, 0);
}

/** The least number of events that commands leave. What is begun and cancelled at once leaves none. */
function decidedBy(commands: Commands): number {
  const cancelled = new Set(
    commands.map(({ cancelTimer, requestCancelActivity }) => (cancelTimer ?? requestCancelActivity)?.seq),
  );
  return commands.filter((command) => {
    const begun = command.startTimer ?? command.scheduleActivity;
    if (begun) return !cancelled.has(begun.seq);
    return (
      command.signalExternalWorkflowExecution ??
      command.modifyWorkflowProperties ??
      command.upsertWorkflowSearchAttributes
    );
  }).length;
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [new EarlyEvents()] });
