/** A virtual clock: what is planned happens in the order of its time, and time passes in no time. */
export interface Clock {
  now: () => number;
  after: (delayMs: number, what: () => void) => void;
  at: (time: number, what: () => void) => void;
  /** Lets everything happen up to a time; false when more than `most` things would have to. */
  runUntil: (time: number, most: number) => boolean;
}

export function createClock(start: number): Clock {
  const plan: { time: number; order: number; what: () => void }[] = [];
  let now = start;
  let order = 0;

  /** Where something of this time belongs: the newest of one time comes last. */
  function placeOf(time: number): number {
    let low = 0;
    let high = plan.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      // The plan is kept in reverse, so that the next thing is taken from its end.
      if ((plan[middle]?.time ?? 0) > time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  const at = (time: number, what: () => void): void => {
    order += 1;
    const planned = { time: Math.max(now, time), order, what };
    plan.splice(placeOf(planned.time), 0, planned);
  };

  return {
    now: () => now,
    at,
    after: (delayMs, what) => at(now + delayMs, what),
    runUntil(time, most) {
      for (let count = 0; count < most; count += 1) {
        const next = plan.at(-1);
        if (next === undefined || next.time > time) {
          now = Math.max(now, time);
          return true;
        }
        plan.pop();
        now = next.time;
        next.what();
      }
      return false;
    },
  };
}
