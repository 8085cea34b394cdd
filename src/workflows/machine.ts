/**
 * What every state machine of this folder is: plain data in, plain data out. A machine knows no promise, no clock and no random
 * number, so that the same code runs in a workflow (`driver.ts`), in a unit test and in the simulator (test/simulation).
 */

export interface Env {
  /** Milliseconds since the epoch. It never goes back, not even when the workflow continues as new. */
  now: number;
  /** The run is about to continue as new: begin nothing that would have to end first. */
  draining: boolean;
}

export interface Machine<State, Input, Output, View> {
  /** Takes one input into the state. It never throws, and an input that comes twice changes nothing the second time. */
  handle: (state: State, input: Input, env: Env) => void;
  /** What to do now. The state notes it as begun, so that the next call does not give it again. */
  advance: (state: State, env: Env) => Output[];
  /** When `advance` is due again although no input comes, and what for; null while only an input can change anything. */
  wakeAt: (state: State, env: Env) => Wake | null;
  /** Answers queries: a function of the state, the query and the time. It changes nothing. */
  view: View;
  /** Whether an effect has begun whose result is still to come: the run does not continue as new before. */
  hasInFlight: (state: State) => boolean;
}

export interface Wake {
  at: number;
  why: string;
  /** Until then it is early enough (default: `at`): each timer costs an action, so that one that fires between the two is not replaced. */
  latest?: number | undefined;
}

export const latestOf = ({ at, latest }: Wake): number => latest ?? at;

/** One line of the log (docs/log.md). It holds no phone number, no person's name and no word of a reply. */
export interface LogLine {
  level: 'info' | 'warn' | 'error';
  message: string;
  about: Record<string, string | number | string[] | Record<string, number>>;
}

/** An activity as an effect. Its result comes back as an input with the same id. */
export interface ActivityEffect<Call> {
  type: 'activity';
  /** Unique within the life of the workflow. */
  id: string;
  call: Call;
  /** For the event history in the Web UI. */
  summary: string;
}

/** What machines can request from their driver. `Call` is the machine's union of activity calls. */
export type Effect<Call, Signal = never> =
  | ActivityEffect<Call>
  | { type: 'signal'; id: string; workflowId: string; signal: Signal }
  /** Cancels an activity of this machine. Its result still comes, as `cancelled` or, when it was faster, as what it was. */
  | { type: 'cancel'; id: string }
  | { type: 'log'; line: LogLine }
  | { type: 'memo'; memo: Record<string, unknown> }
  | { type: 'search-attributes'; values: Record<string, string> }
  | { type: 'end'; cancelled: boolean };

/** What the driver gives back besides a machine's signals. `Result` is the machine's union of activity results. */
export type DriverInput<Result> =
  | { type: 'completed'; id: string; result: Result }
  | { type: 'failed'; id: string; failure: Failure }
  | { type: 'cancelled'; id: string }
  /** Another workflow has the signal. */
  | { type: 'signalled'; id: string }
  /** A client requested the cancellation of this workflow. */
  | { type: 'cancel-requested' };

/** Why an effect failed, as plain data. */
export interface Failure {
  /** The type of the ApplicationFailure, `timeout`, or `signal` where another workflow could not be signalled. */
  type: string;
  message: string;
  /** The first of its details. */
  detail: unknown;
}

/** Which memo and search attributes the workflow has, so that only a change of them is a command. */
export interface Published {
  memo: string;
  searchAttributes: string;
}

export const nothingPublished: Published = { memo: '', searchAttributes: '' };
