/** What can become of an incident. The names are stable: receivers match them. */
export const changeTypes = [
  /** An episode began, and its first step was taken. */
  'triggered',
  /** It failed once more while it was open. */
  'failed-again',
  /** The escalation starts again: a snooze is over, or it failed while nobody had answered. */
  'triggered-again',
  'acknowledged',
  'snoozed',
  /** Everybody was paged, and nobody answered. */
  'unacknowledged',
  /** A schedule handed over while it was open. */
  'handed-over',
  /** Somebody resolved it. */
  'resolved',
  /** It works again. */
  'recovered',
  'deleted',
  /** Nobody is to be paged for it: no route does by what Tableau told later, or what is promised of its data has changed. */
  'ignored',
  /** An operator cancelled its workflow. */
  'cancelled',
  /** Tableau has sent nothing of it for long. */
  'forgotten',
] as const;
export type ChangeType = (typeof changeTypes)[number];

const ends: readonly ChangeType[] = ['resolved', 'recovered', 'deleted', 'ignored', 'cancelled', 'forgotten'];
/** Whether the episode is over. */
export const isEnd = (type: ChangeType): boolean => ends.includes(type);
