/**
 * Sets, changes and removes the one label of ours on a data source, and touches no label of others: what is ours has our user as its owner and our
 * marker at the end of its message. Whether it is there is read before each change, and again after a label was created.
 */
import { labelMarker, type LabelResult } from '../../workflows/label-contract.js';
import { TableauError, type TableauProblem } from '../rest/errors.js';
import { warning, type Label, type LabelRequests } from '../rest/labels.js';

export interface WantedLabel {
  datasource: string;
  /** With the marker at its end; null: there is to be none. */
  text: string | null;
  /** That of a label which was set before; null: none was. */
  labelId: string | null;
}
export type SettledLabel = Extract<LabelResult, { did: 'set' | 'removed' | 'left' }>;

/** Throws as `LabelRequests`. */
export async function settleLabel(
  labels: LabelRequests,
  { datasource, text, labelId }: WantedLabel,
  signal: AbortSignal,
): Promise<SettledLabel> {
  const { ours, isMonitored, hasWarning } = await standing(labels, datasource, signal);
  const [first, ...copies] = ours;
  if (text === null || isMonitored) {
    for (const label of ours) await labels.remove(label, signal);
    return text === null ? { did: 'removed' } : { did: 'left', because: 'monitored' };
  }
  for (const label of copies) await labels.remove(label, signal);
  if (first) {
    const isDone = first.message === text || (await labels.change(first, text, signal)) !== null;
    return isDone ? { did: 'set', labelId: first.id } : { did: 'left', because: 'taken-away' };
  }
  if (hasWarning) return { did: 'left', because: 'not-ours' };
  if (labelId !== null) return { did: 'left', because: 'taken-away' };
  await labels.create(datasource, text, signal);
  const [created] = (await standing(labels, datasource, signal)).ours;
  // Somebody has set another one since.
  return created ? { did: 'set', labelId: created.id } : { did: 'left', because: 'not-ours' };
}

async function standing(labels: LabelRequests, datasource: string, signal: AbortSignal) {
  const ourUser = await labels.ourUser(signal);
  // A label that we could not tell from those of others would stay for ever.
  if (ourUser === undefined) throw new TableauError(nobody);
  const all = await labels.of([datasource], signal);
  const others = all.filter((label) => !isOurs(label, ourUser));
  return {
    ours: all.filter((label) => isOurs(label, ourUser)),
    isMonitored: others.some(isMonitoring),
    hasWarning: others.some(({ category }) => category === warning),
  };
}

const nobody: TableauProblem = {
  type: 'tableau-refused',
  retryable: false,
  message:
    'Tableau does not tell which user we have signed in as, so that our labels could not be told from those of others.',
};

/** @param ourUser its luid; undefined where it is not known, and then nothing is ours */
export const isOurs = ({ owner, message }: Label, ourUser: string | undefined): boolean =>
  ourUser !== undefined && owner === ourUser && message.endsWith(labelMarker);

/** Tableau sets and removes these itself: "Extract refresh failed", "Flow run failed". */
const isMonitoring = ({ value, isActive }: Label): boolean =>
  isActive && /(?:refresh|run) fail/i.test(value.slice(0, 100));
