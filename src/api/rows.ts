import type { WorkflowExecutionInfo } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import {
  incidentIdOf,
  incidentStates,
  incidentType,
  itemKinds,
  type IncidentRow,
  type IncidentState,
} from '../workflows/contract.js';

const nullable = <T extends string>(type: { type: T }) => Type.Union([type, Type.Null()]);

const Row = Type.Object({
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
  acknowledgedBy: nullable(Type.String()),
  policy: Type.String(),
  step: Type.Number(),
  next: Type.Union([Type.Object({ at: Type.String(), what: Type.String() }), Type.Null()]),
});

type Execution = Pick<WorkflowExecutionInfo, 'type' | 'workflowId' | 'startTime' | 'status' | 'memo'>;

const over = new Set<IncidentState>(['resolved', 'forgotten']);

/** The row of an incident's run, from its memo; null for a run of anything else. */
export function rowOf(execution: Execution): IncidentRow | null {
  const id = incidentIdOf(execution.workflowId);
  if (id === null || execution.type !== incidentType) return null;
  const memo = execution.memo?.['incident'];
  const row: IncidentRow = Value.Check(Row, memo) ? memo : unwritten(id, execution.startTime);
  const running = execution.status.name === 'RUNNING' || execution.status.name === 'PAUSED';
  // An operator terminated it, or it failed: nobody is paged for it any more, whatever it wrote last.
  return running || over.has(row.state) ? row : { ...row, state: 'forgotten', next: null };
}

/** What is known of an incident that wrote nothing: its id and when it began. */
function unwritten(id: string, startTime: Date): IncidentRow {
  const [, site = '-', ...luid] = id.split(':');
  const at = startTime.toISOString();
  return {
    id,
    state: 'triggered',
    item: { kind: 'item', luid: luid.join(':'), name: luid.join(':'), site },
    event: '',
    failures: 1,
    firstFailedAt: at,
    lastFailedAt: at,
    acknowledgedBy: null,
    policy: '',
    step: 0,
    next: null,
  };
}
