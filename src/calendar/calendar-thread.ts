/** Expands one calendar in a thread of its own. `expand.ts` starts it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FromCalendarThread, ToCalendarThread } from './expand.js';
import { occurrencesIn } from './occurrences.js';
import { problemOf } from './problem.js';

const { text, expansion }: ToCalendarThread = workerData;

function run(): FromCalendarThread {
  try {
    return { expanded: occurrencesIn(text, expansion) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}
parentPort?.postMessage(run());
