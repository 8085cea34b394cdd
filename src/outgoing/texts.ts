/** What a change of an incident is called in texts for people: without addresses and phone numbers of names and causes (`workflows/names.ts`). */
import { isEnd, type ChangeType } from '../workflows/change-types.js';
import { quoted, plainName, sentenceOf } from '../workflows/names.js';
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { capital, kindName, utc, whatHappened } from '../workflows/words.js';

export interface ChangeText {
  /** "Taken by ana" */
  heading: string;
  /** `Workbook "Sales" in Finance/Daily` */
  what: string;
  /** One sentence; empty where it is not known, or says nothing now. */
  cause: string;
  mood: 'failing' | 'taken' | 'over';
  /** Where the incident is shown. */
  link: string;
}

const most = { name: 80, project: 80, cause: 200 } as const;

const who = (by: string | null): string => (by === null ? 'somebody' : by === 'api' ? 'a script' : by);

const headings: Readonly<Record<ChangeType, (change: IncidentChange) => string>> = {
  triggered: ({ incident: { event } }) => capital(whatHappened(event)),
  'failed-again': ({ incident: { failures } }) => `Failed again, ${failures} times by now`,
  'triggered-again': () => 'Still broken, paging starts again',
  acknowledged: ({ incident: { by } }) => `Taken by ${who(by)}`,
  snoozed: ({ incident: { by, until } }) =>
    `Snoozed by ${who(by)}${until === undefined ? '' : ` until ${utc(until).slice(0, 16)} UTC`}`,
  unacknowledged: () => 'Nobody answered',
  'handed-over': () => 'The schedule handed over',
  resolved: ({ incident: { by } }) => `Resolved by ${who(by)}`,
  recovered: () => 'Works again',
  deleted: () => 'Deleted in Tableau',
  ignored: () => 'Ignored, nobody is paged for it any more',
  cancelled: () => 'Cancelled by an operator',
  forgotten: () => 'Not watched any more',
};

const moods: Partial<Record<ChangeType, ChangeText['mood']>> = { acknowledged: 'taken', snoozed: 'taken' };
const withCause: readonly ChangeType[] = ['triggered', 'failed-again', 'triggered-again', 'unacknowledged'];

export function textOf(change: IncidentChange, publicUrl: string): ChangeText {
  const { type, incident } = change;
  const { item, project, cause } = incident;
  const where = project === undefined ? '' : ` in ${plainName(project, most.project)}`;
  return {
    heading: headings[type](change),
    what: `${kindName(item.kind)} ${quoted(item.name, most.name)}${where}`,
    cause: cause !== undefined && withCause.includes(type) ? sentenceOf(cause, most.cause) : '',
    mood: isEnd(type) ? 'over' : (moods[type] ?? 'failing'),
    link: incidentUrl(publicUrl, incident.id),
  };
}

export const incidentUrl = (publicUrl: string, id: string): string =>
  `${publicUrl}/incidents/${encodeURIComponent(id)}`;

/** "Refresh failed: Workbook "Sales" in Finance. Disk full." */
export const lineOf = ({ heading, what, cause }: ChangeText): string =>
  `${heading}: ${what}${cause === '' ? '' : `. ${cause}`}`;

/** "12 changes of incidents" */
export const countOf = (changes: readonly unknown[]): string => `${changes.length} changes of incidents`;
