/** The workers of the same process. */
export interface WorkersState {
  /** Whether all of them have begun once. */
  begun: boolean;
  /** Task queue → what its worker does now. */
  workers: Record<string, string>;
  /** The thread of the workers has not responded for long. */
  areStuck?: boolean;
}
