import { readFile, writeFile } from 'node:fs/promises';
import type { Program } from '../helpers/processes.js';

/** On Linux: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html. */
const ticksPerSecond = 100;

export interface Usage {
  at: number;
  /** User and system time since the process started. */
  cpuMs: number;
  rssMiB: number;
  peakMiB: number;
}

/** What a program has used so far; null without /proc, or when the process is gone. */
export async function usageOf(program: Program): Promise<Usage | null> {
  const pid = program.pid();
  if (pid === null) return null;
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/status`, 'utf8'),
    ]);
    // The name in parentheses may hold spaces; after it the state is field 3, utime 14 and stime 15.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
    const cpuMs = ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
    return { at: Date.now(), cpuMs, rssMiB: mib('VmRSS'), peakMiB: mib('VmHWM') };
  } catch {
    return null;
  }
}

/** Percent of one core between two readings. */
export const shareOf = (before: Usage | null, after: Usage | null): number | null =>
  before && after ? (100 * (after.cpuMs - before.cpuMs)) / (after.at - before.at) : null;

/** Resets the peak, which for a worker is otherwise that of bundling its workflows. */
export async function resetPeak(program: Program): Promise<void> {
  const pid = program.pid();
  if (pid !== null) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined);
}
