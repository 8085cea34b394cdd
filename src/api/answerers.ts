/**
 * Who answered. The memo of an incident, which more people can read than are on call, has `api` in place of the name that a script or a signed-in person
 * gave; the name is in the history, in the answer itself, and is shown to whoever reads one incident.
 */
import { factsIn, type Answer } from '../history/incident-facts.js';
import type { History } from '../temporal/histories.js';
import { second, type Verb } from '../workflows/contract.js';
import type { IncidentView } from '../workflows/view-contract.js';

const noName = 'api';
const inText = /\bby api\b/;
/** An entry is written when a worker takes the answer, which a clock of another machine may date a little earlier. */
const clocksDifferMs = 2 * second;

/** What each kind of entry is written for. */
const verbs: Readonly<Record<string, readonly Verb[]>> = {
  acknowledged: ['acknowledge', 'rerun'],
  snoozed: ['snooze'],
  resolved: ['resolve'],
};
const anyVerb: readonly Verb[] = ['acknowledge', 'resolve', 'rerun', 'snooze'];

/** Whether a name is missing. */
export const lacksNames = ({ acknowledgedBy, snoozedBy, timeline }: IncidentView): boolean =>
  acknowledgedBy === noName || snoozedBy === noName || timeline.some(({ text }) => inText.test(text));

/** The view with the names of its present run; where the history does not have one, or cannot be decoded, `api` stays. */
export function withNames(view: IncidentView, history: History | null): IncidentView {
  const answers = history === null ? [] : answersIn(history);
  const nameAt = (at: string | null, wanted: readonly Verb[]): string =>
    answers.findLast(
      ({ at: answeredAt, answer }) =>
        at !== null && answeredAt <= Date.parse(at) + clocksDifferMs && wanted.some((verb) => verb === answer.verb),
    )?.answer.by ?? noName;
  return {
    ...view,
    acknowledgedBy:
      view.acknowledgedBy === noName ? nameAt(view.acknowledgedAt, ['acknowledge', 'rerun']) : view.acknowledgedBy,
    snoozedBy: view.snoozedBy === noName ? nameAt(view.timeline.at(-1)?.at ?? null, ['snooze']) : view.snoozedBy,
    timeline: view.timeline.map((entry) =>
      inText.test(entry.text)
        ? { ...entry, text: entry.text.replace(inText, () => `by ${nameAt(entry.at, verbs[entry.type] ?? anyVerb)}`) }
        : entry,
    ),
  };
}

function answersIn(history: History): { at: number; answer: Answer }[] {
  try {
    return factsIn(history).flatMap((fact) => (fact.type === 'answer' ? [fact] : []));
  } catch {
    // Encrypted, or encoded by another converter: nobody can be named.
    return [];
  }
}
