/** The lines of the log that workflows write: docs/log.md. None holds a number, a person's name or a word of a reply. */
import { log } from '@temporalio/workflow';

export interface Line {
  message: string;
  about: Record<string, string | number | string[] | Record<string, number>>;
}

/** Writes what waits; in a replay the SDK writes nothing. */
export function writeLines(lines: Line[], about: Line['about']): void {
  for (const line of lines.splice(0)) log.info(line.message, { ...about, ...line.about });
}
