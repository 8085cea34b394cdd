/** What incidents, the workflow `freshness` and the activities share about labels on data sources in Tableau (docs/decisions, 37). */
import type { Item } from './contract.js';

/** Ends the message of each label of ours: by it, and by the user that owns the label, a label is known to be ours. */
export const labelMarker = '(Tableau Webhooks)';

export interface LabelInput {
  item: Item;
  /** The message, with the marker; null: no label of ours is to be there. */
  text: string | null;
  /** The label that this incident has set before; null: none. */
  labelId: string | null;
  /** How many workbooks show the data source: in a storm those with the most are labelled first. */
  downstreamWorkbooks: number;
}

/**
 * Why nothing was set although a text is wanted: a label of somebody else, or of Tableau's own monitoring, is there; somebody has removed ours;
 * the data source is of another site, or is not in Tableau; labels are off in the escalation file.
 */
export type LeftBecause = 'not-ours' | 'monitored' | 'taken-away' | 'other-site' | 'unknown-item' | 'off';

export type LabelResult =
  /** It shows the text, now or already. */
  | { did: 'set'; labelId: string }
  /** No label of ours is there, now or already. */
  | { did: 'removed' }
  /** No label of ours is there, and none was set. */
  | { did: 'left'; because: LeftBecause }
  /** Tableau has no licence for labels, or our user not the right: a later try would be refused, too. `why` is a sentence. */
  | { did: 'refused'; why: string }
  /** Too many requests, or Tableau did not answer: to be tried again, after `afterMs` where that is known. */
  | { did: 'later'; why: string; afterMs?: number };

export interface LabelActivities {
  /** Makes the label of a data source what it is to be. The same input twice changes nothing more. It touches no label of others. */
  setLabel(input: LabelInput): Promise<LabelResult>;
}

export interface LabelSweep {
  /** How many data sources were looked at. */
  seen: number;
  /** Labels of ours whose incident does not run: removed, and those that could not be. */
  removed: number;
  failed: number;
}

export interface LabelSweepActivities {
  /** Removes labels of ours whose incident does not run any more. It takes minutes, and heartbeats at least every minute. */
  sweepLabels(): Promise<LabelSweep>;
}
