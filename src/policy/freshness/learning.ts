/** What was learnt of the items of a site, kept from look to look: it changes only with the data of an item, and costs a fraction of a millisecond for each. */
import { decodeHistory } from './history.js';
import { learnedDue } from './learned.js';
import { createLocalMinutes } from './local-minutes.js';
import type { Due, LearnedDue } from './promise.js';

export interface Learning {
  /** A judgement begins: what the last one did not need is forgotten. */
  begin: () => void;
  /** Null where there is too little to go by. @param history encoded */
  duesOf: (history: string, promise: { id: string; due: LearnedDue }) => Due[] | null;
}

interface Learnt {
  holidays: readonly string[] | undefined;
  dues: Due[] | null;
}

export function createLearning(): Learning {
  const localMinutes = createLocalMinutes();
  let last = new Map<string, Learnt>();
  let current = new Map<string, Learnt>();

  function learn(text: string, due: LearnedDue): Due[] | null {
    const history = decodeHistory(text);
    return history && learnedDue(history, due, localMinutes);
  }

  return {
    begin() {
      last = current;
      current = new Map();
    },
    duesOf(history, { id, due }) {
      const key = `${id} ${history}`;
      const holidays = due.holidays?.dates;
      const known = current.get(key) ?? last.get(key);
      const learnt = known && known.holidays === holidays ? known : { holidays, dues: learn(history, due) };
      current.set(key, learnt);
      return learnt.dues;
    },
  };
}
