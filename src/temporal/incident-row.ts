/** The row of an incident's run, from its memo. */
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import {
  incidentIdOf,
  incidentStates,
  incidentType,
  itemKinds,
  publicName,
  type IncidentState,
  type Item,
} from '../workflows/contract.js';
import { memoKeys, nextCodes, type IncidentRow } from '../workflows/view-contract.js';

const nullableText = Type.Union([Type.String(), Type.Null()]);

/** What rows of every version have. */
const anyRow = {
  id: Type.String(),
  state: Type.Enum([...incidentStates]),
  item: Type.Object({
    kind: Type.Enum([...itemKinds]),
    luid: Type.String(),
    name: Type.String(),
    site: Type.String(),
  }),
  event: Type.String(),
  failures: Type.Number(),
  firstFailedAt: Type.String(),
  lastFailedAt: Type.String(),
  acknowledgedBy: nullableText,
  policy: Type.String(),
  step: Type.Number(),
};

const Row = Type.Object({
  ...anyRow,
  episode: nullableText,
  cause: nullableText,
  project: nullableText,
  ownerRole: nullableText,
  acknowledgedAt: nullableText,
  snoozedBy: nullableText,
  snoozedUntil: nullableText,
  endedAt: nullableText,
  round: Type.Number(),
  pages: Type.Number(),
  next: Type.Union([
    Type.Object({ at: Type.String(), code: Type.Enum([...nextCodes]), what: Type.String() }),
    Type.Null(),
  ]),
});
const EarlierRow = Type.Object(anyRow);

export type Execution = Pick<
  WorkflowExecutionInfo,
  'type' | 'workflowId' | 'startTime' | 'closeTime' | 'status' | 'memo'
>;

const over = new Set<IncidentState>(['resolved', 'forgotten']);

/** The row of an incident's run, from its memo; null for a run of anything else. */
export function rowOf(execution: Execution): IncidentRow | null {
  const id = incidentIdOf(execution.workflowId);
  if (id === null || execution.type !== incidentType) return null;
  const row = writtenRow(execution.memo?.[memoKeys.row]) ?? unwrittenRow(id, execution.startTime);
  const running = execution.status.name === 'RUNNING' || execution.status.name === 'PAUSED';
  if (running || over.has(row.state)) return row;
  // An operator cancelled or terminated it, or it failed: nobody is paged for it any more, whatever it wrote last.
  return { ...row, state: 'forgotten', endedAt: execution.closeTime?.toISOString() ?? null, next: null };
}

/** A version before 0.2.0 wrote less. */
function writtenRow(memo: unknown): IncidentRow | null {
  if (Value.Check(Row, memo)) return memo;
  return Value.Check(EarlierRow, memo) ? { ...notKnownYet, ...memo, next: null } : null;
}

const notKnownYet = {
  episode: null,
  cause: null,
  project: null,
  ownerRole: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  snoozedBy: null,
  snoozedUntil: null,
  endedAt: null,
  step: 0,
  round: 0,
  pages: 0,
  next: null,
} as const;

/** What is known of an incident that wrote nothing: its id and when it began. */
function unwrittenRow(id: string, startTime: Date): IncidentRow {
  const [, site = '-', ...luid] = id.split(':');
  const item = { kind: 'item', luid: luid.join(':'), name: luid.join(':'), site } as const;
  return beginningRow({ id, item, event: '', at: startTime.getTime(), policy: '' });
}

/** The row of an incident that its workflow has not written yet. `at`: of its failure, in milliseconds since the epoch. */
export function beginningRow(begun: {
  id: string;
  item: Item;
  event: string;
  at: number;
  policy: string;
}): IncidentRow {
  const { id, item, event, policy } = begun;
  const at = new Date(begun.at).toISOString();
  return {
    ...notKnownYet,
    id,
    state: 'triggered',
    item: { ...item, name: publicName(item) },
    event,
    failures: 1,
    firstFailedAt: at,
    lastFailedAt: at,
    policy,
  };
}
