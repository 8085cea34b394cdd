/**
 * Refuses what has happened to a workflow when it comes before its task.
 *
 * A question that waited for a worker brings whatever has happened since the last task. The SDK's core applies that before it
 * has the question answered (`crates/sdk-core/src/worker/workflow/history_update.rs`: what follows the last task counts as
 * one): by the clock of the task before, and apart from what will come with it in its own task. What the workflow decides then
 * can differ from what every replay decides, and it would stand still for ever (TMPRL1100). So the question fails, and may be
 * asked again; the worker forgets the workflow, and the task begins with the whole history.
 *
 * A question may also bring a task that has begun at another worker, and then times out there because that one is frozen or dead. This
 * cannot be told from a task of our own until the next one comes: what was decided is not in the history then, which is
 * too short for it. So that task fails, is begun again with the whole history, and loses nothing but milliseconds.
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

/** How the core names a question that comes by itself, and not with a task (`crates/sdk-core/src/worker/workflow/mod.rs`). */
const loneQuestion = 'legacy_query';
/** Events between two tasks besides what was decided and what has happened: the end of one, and that the next is asked for and begins. */
const eventsOfTask = 3;

class EarlyEvents implements WorkflowInternalsInterceptor {
  #length = 0;
  #task = '';
  /** Events that the newest task leaves at least, and whether a question came next. */
  #decided = 0;
  #isOpen = false;
  #isAsked = false;

  /**
   * Throws when events are new, yet the clock and the size of the history, which every task brings, are those of the last; and when
   * what was decided before a question is missing.
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
        throw new Error(`Events up to ${length} came with a question, before their task: it can be asked again`);
      }
      if (this.#isAsked && length < this.#length + this.#decided + eventsOfTask + eventsOf(jobs)) {
        throw new Error(`A question had brought the task up to ${this.#length} of another worker: it begins again`);
      }
    }
    if (hasEvents && length > this.#length) this.#decided = 0;
    this.#isAsked =
      !hasEvents && (this.#isAsked || jobs.some(({ queryWorkflow }) => queryWorkflow?.queryId === loneQuestion));
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

/** How many events there are for jobs at least. That an activity began is written with its end. */
function eventsOf(jobs: Jobs): number {
  return jobs.reduce((count, { signalWorkflow, fireTimer, resolveActivity, resolveSignalExternalWorkflow }) => {
    if (resolveActivity) return count + (resolveActivity.result?.cancelled ? 1 : 2);
    return count + (signalWorkflow || fireTimer || resolveSignalExternalWorkflow ? 1 : 0);
  }, 0);
}

/** How many events commands leave at least. What is begun and given up at once leaves none. */
function decidedBy(commands: Commands): number {
  const givenUp = new Set(
    commands.map(({ cancelTimer, requestCancelActivity }) => (cancelTimer ?? requestCancelActivity)?.seq),
  );
  return commands.filter((command) => {
    const begun = command.startTimer ?? command.scheduleActivity;
    if (begun) return !givenUp.has(begun.seq);
    return (
      command.signalExternalWorkflowExecution ??
      command.modifyWorkflowProperties ??
      command.upsertWorkflowSearchAttributes
    );
  }).length;
}

export const interceptors: WorkflowInterceptorsFactory = () => ({ internals: [new EarlyEvents()] });
