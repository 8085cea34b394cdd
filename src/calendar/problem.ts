/** Why a calendar cannot be used: the end of a sentence that begins with its name, without anything secret. */
export class CalendarProblem extends Error {}

export const problemOf = (error: unknown): string =>
  error instanceof CalendarProblem
    ? error.message
    : `cannot be read (${error instanceof Error ? error.name : 'unknown'})`;
