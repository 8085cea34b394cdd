/** What an incident does next, and what it waits for. */
import type { NextCode } from '../view-contract.js';

/** What happens next: at a time, or with an input. `shownAt` is what people wait for, where the incident looks before. */
export type Next =
  { at: number; code: NextCode; what: string; latest?: number; shownAt?: number } | { at: null; what: string };

/** What an incident does next. */
export type Decision =
  | {
      do:
        | 'signal-pagers'
        | 'step'
        | 'find-on-call'
        | 'find-silence'
        | 'rerun'
        | 'check-job'
        | 'check-recovery'
        | 'check-item';
    }
  /** The state has changed, so decide by it once more. */
  | { do: 'decide-again' }
  /** Until `latest` (default: `until`) a timer that runs already is early enough. `shownAt` as in `Next`. */
  | { do: 'wait'; until: number; code: NextCode; what: string; latest?: number; shownAt?: number }
  /** `what` is null while the outcome is not worth showing, since it comes within milliseconds. */
  | { do: 'wait'; until: null; what: string | null }
  | { do: 'end' };
