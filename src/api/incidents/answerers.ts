/**
 * Who answered. The memo of an incident, which more people can read than are on call, has `api` in place of the name that a script or a signed-in person
 * gave; the name is in the history, in the answer itself, and is shown to whoever reads one incident.
 */
import { factsIn, type Answer } from '../../history/incident-facts.js';
import type { History } from '../../temporal/histories.js';
import { second, type Verb } from '../../workflows/contract.js';
import type { IncidentView, TimelineEntry } from '../../workflows/view-contract.js';
import { roleOnly } from '../../workflows/words.js';

const noName = 'api';
/** As messages name whoever is not known. */
export const somebodyElse = 'somebody else';
/** An entry is written when a worker takes the answer, which a clock of another machine may date a little earlier. */
const clocksDifferMs = 2 * second;

/** The entries that name whoever answered, and for which verbs they are written. Others name somebody else: who made a silence, for one. */
const answered: Readonly<Record<string, { verbs: readonly Verb[]; name: RegExp }>> = {
  acknowledged: { verbs: ['acknowledge', 'rerun'], name: /(?<=^Acknowledged by )api$/ },
  rerun: { verbs: ['rerun'], name: /^api(?= runs it again$)/ },
  snoozed: { verbs: ['snooze'], name: /(?<=^Snoozed by )api(?= for )/ },
  resolved: { verbs: ['resolve'], name: /(?<=^Resolved by )api$/ },
};

const answeredIn = ({ type, text }: TimelineEntry) => {
  const entry = Object.hasOwn(answered, type) ? answered[type] : undefined;
  return entry?.name.test(text) ? entry : undefined;
};

/** Whether a name is missing. */
export const lacksNames = ({ acknowledgedBy, snoozedBy, timeline }: IncidentView): boolean =>
  acknowledgedBy === noName || snoozedBy === noName || timeline.some((entry) => answeredIn(entry) !== undefined);

/**
 * The view with the names of its present run.
 * @param unknown who it was where the history does not have the name, or cannot be decoded
 */
export function withNames(view: IncidentView, history: History | null, unknown = noName): IncidentView {
  const answers = history === null ? [] : answersIn(history);
  const nameAt = (at: string | null, verbs: readonly Verb[]): string =>
    answers.findLast(
      ({ at: answeredAt, answer }) =>
        at !== null && answeredAt <= Date.parse(at) + clocksDifferMs && verbs.some((verb) => verb === answer.verb),
    )?.answer.by ?? unknown;
  const named = (by: string | null, at: string | null, verbs: readonly Verb[]): string | null =>
    by === noName ? nameAt(at, verbs) : by;
  const snoozedAt = view.timeline.findLast(({ type }) => type === 'snoozed')?.at ?? null;
  return {
    ...view,
    acknowledgedBy: named(view.acknowledgedBy, view.acknowledgedAt, ['acknowledge', 'rerun']),
    snoozedBy: named(view.snoozedBy, snoozedAt, ['snooze']),
    timeline: view.timeline.map((entry) => {
      const { name, verbs } = answeredIn(entry) ?? {};
      return name && verbs ? { ...entry, text: entry.text.replace(name, () => nameAt(entry.at, verbs)) } : entry;
    }),
  };
}

/** Those whose name the memo does not have. */
function answersIn(history: History): { at: number; answer: Answer }[] {
  try {
    return factsIn(history).flatMap((fact) =>
      fact.type === 'answer' && roleOnly(fact.answer.by) === noName ? [fact] : [],
    );
  } catch {
    // Encrypted, or encoded by another converter: nobody can be named.
    return [];
  }
}
