/** The memos of incidents as Temporal merges them: whatever is shown must be what the incident was when it wrote last. */
import assert from 'node:assert/strict';
import { viewOf } from '../../src/temporal/read-incident.js';
import { incidentType } from '../../src/workflows/contract.js';
import type { Incident } from '../../src/workflows/incident/state.js';
import { detailOf, pageOf, rowOf } from '../../src/workflows/incident/view.js';

export type Memos = ReturnType<typeof createMemos>;

export function createMemos(violations: string[]) {
  const memos = new Map<string, Record<string, unknown>>();

  function compare(workflowId: string, incident: Incident, memo: Record<string, unknown>): void {
    const status = { code: 1, name: 'RUNNING' } as const;
    const shown = viewOf({ type: incidentType, workflowId, startTime: new Date(0), status, memo });
    const { next: _next, ...row } = rowOf(incident);
    const { next: _shown, ...view } = shown ?? assert.fail(workflowId);
    assert.deepEqual(view, {
      ...row,
      detail: detailOf(incident),
      timeline: incident.timeline,
      pagesSent: incident.pages.slice(-200).map((page) => pageOf(incident, page)),
    });
  }

  return {
    /** The workflow is started with nothing that the test looks at. */
    begin: (workflowId: string) => void memos.set(workflowId, {}),
    /** One upsert, after which the incident is shown as it is, unless it has only an alarm. */
    upsert(workflowId: string, incident: Incident, memo: Record<string, unknown>): void {
      const merged = Object.fromEntries(
        Object.entries({ ...memos.get(workflowId), ...memo }).filter(([, value]) => value !== null),
      );
      // By JSON, as Temporal keeps it.
      memos.set(workflowId, JSON.parse(JSON.stringify(merged)) as Record<string, unknown>);
      if (!Object.keys(memo).some((key) => key !== 'unreachable' && key !== 'labelsRefused')) return;
      try {
        compare(workflowId, incident, memos.get(workflowId) ?? {});
      } catch (error) {
        violations.push(`${workflowId} shows something else than it is: ${String(error)}`);
      }
    },
    /** An incident that is over shows all of it. */
    judgeEnd(workflowId: string, incident: Incident): void {
      try {
        compare(workflowId, incident, memos.get(workflowId) ?? {});
      } catch (error) {
        violations.push(`${workflowId} is over and shows something else: ${String(error)}`);
      }
    },
  };
}
