export interface Timers {
  /** Runs the work after `ms` milliseconds. A failure is logged, as no caller waits for it. */
  later: (ms: number, work: () => void | Promise<void>) => { cancel: () => void };
  /** Cancels all work that has not started. */
  clear: () => void;
}

export const createTimers = (log: (line: string) => void): Timers => {
  const pending = new Set<NodeJS.Timeout>();
  const perform = async (work: () => void | Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      log(`Sandbox: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  };
  return {
    later: (ms, work) => {
      const timer = setTimeout(() => {
        pending.delete(timer);
        void perform(work);
      }, ms);
      pending.add(timer);
      return {
        cancel: () => {
          pending.delete(timer);
          clearTimeout(timer);
        },
      };
    },
    clear: () => {
      for (const timer of pending) clearTimeout(timer);
      pending.clear();
    },
  };
};
