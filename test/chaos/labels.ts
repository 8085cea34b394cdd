/** Labels of data sources through a run: its incidents have ended by then, so that none of ours may be left, and those of people are as they were. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LabelPanel } from '../../sandbox/label-panel.js';
import type { Case } from './ledger.js';
import type { Finding } from './verdict.js';

/** The longest pause of an incident whose label Tableau refused, and some time for the request. */
const settleTimeoutMs = 180_000;
const ours = '(Tableau Webhooks)';

/** Every fourth data source has a warning of a person, which stays. */
export const hasForeignLabel = (name: string): boolean => Number(name.slice(-4)) % 4 === 0;
const foreignMessage = (name: string): string => `Do not use ${name}.`;
export const setForeignLabel = (labels: LabelPanel, { name, luid }: Pick<Case, 'name' | 'luid'>): void =>
  void labels.set(luid, foreignMessage(name));

export interface LabelsSeen {
  /** How many incidents have set a label of ours. */
  labelled: number;
  findings: Finding[];
}

/** Waits until no label of ours is left, or for too long. */
export async function judgeLabels(labels: LabelPanel, cases: readonly Case[]): Promise<LabelsSeen> {
  const deadline = Date.now() + settleTimeoutMs;
  while (labels.list().some((label) => label.includes(ours)) && Date.now() < deadline) await pause(1_000);
  const datasources = cases.filter(({ lane }) => lane.known === 'datasource');
  return {
    labelled: datasources.filter(({ timeline }) => timeline.some(({ type }) => type === 'labelled')).length,
    findings: datasources.flatMap((one) => [...foreignTouched(labels, one), ...oursLeft(labels, one)]),
  };
}

function foreignTouched(labels: LabelPanel, { name, luid }: Case): Finding[] {
  if (!hasForeignLabel(name)) return [];
  const expected = `Warning: ${foreignMessage(name)} (Sam Steward)`;
  const found = labels.list(luid);
  return found.length === 1 && found[0] === expected
    ? []
    : [{ promise: 'label of a person changed', name, why: `its labels are ${found.join(', ') || 'none'}` }];
}

const oursLeft = (labels: LabelPanel, { name, luid }: Case): Finding[] =>
  labels
    .list(luid)
    .filter((label) => label.includes(ours))
    .map((label): Finding => ({ promise: 'label left', name, why: label }));
