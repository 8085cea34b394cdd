/** Expands a calendar in a thread, so that one that takes for ever, or all memory, harms nothing and the library is loaded only then. */
import { Worker } from 'node:worker_threads';
import { calendarThread } from '../config/places.js';
import type { Expanded, Expansion } from './occurrences.js';
import { CalendarProblem } from './problem.js';

export interface ToCalendarThread {
  text: string;
  expansion: Expansion;
}
export type FromCalendarThread = { expanded: Expanded } | { problem: string };

const defaultTimeoutMs = 10_000;
const maxMemoryMb = 256;

/** @throws CalendarProblem */
export async function expandCalendar(
  text: string,
  expansion: Expansion,
  timeoutMs = defaultTimeoutMs,
): Promise<Expanded> {
  const data: ToCalendarThread = { text, expansion };
  const thread = new Worker(calendarThread, {
    workerData: data,
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMb },
    // The library prints what it finds odd, with words of the calendar.
    stdout: true,
    stderr: true,
  });
  const result = await new Promise<FromCalendarThread>((settle) => {
    const tooLong = `takes more than ${timeoutMs / 1000} s to read`;
    const timer = setTimeout(() => settle({ problem: tooLong }), timeoutMs);
    thread.once('message', settle);
    thread.once('error', (error) => settle({ problem: whyEnded(error) }));
    thread.once('exit', () => {
      clearTimeout(timer);
      settle({ problem: 'cannot be read (its thread ended)' });
    });
  });
  await thread.terminate();
  if ('problem' in result) throw new CalendarProblem(result.problem);
  return result.expanded;
}

const whyEnded = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `takes more than ${maxMemoryMb} MB of memory to read`
    : 'cannot be read (its thread failed)';
