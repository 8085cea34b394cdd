/** The memos of incidents as Temporal merges them: whatever is shown must be what the incident is. */
import assert from 'node:assert/strict';
import { viewOf } from '../../src/temporal/read-incident.js';
import { incidentType } from '../../src/workflows/contract.js';
import type { Incident } from '../../src/workflows/incident/state.js';
import { isUnreported } from '../../src/workflows/incident/step-status.js';
import { detailOf, pageOf, rowOf } from '../../src/workflows/incident/view.js';

export type Memos = ReturnType<typeof createMemos>;

/** What may stand alone in an upsert: these alarms show at once, and nothing else with them. */
const alarms = ['unreachable', 'labelsRefused'];

export function createMemos(violations: string[]) {
  const memos = new Map<string, Record<string, unknown>>();
  /** Workflows whose present task has shown more than an alarm. */
  const upserted = new Set<string>();

  function compare(workflowId: string, incident: Incident, what: string): void {
    const status = { code: 1, name: 'RUNNING' } as const;
    const memo = memos.get(workflowId) ?? {};
    try {
      const shown = viewOf({ type: incidentType, workflowId, startTime: new Date(0), status, memo });
      const row = rowOf(incident);
      // What an answer leads to is shown before it is waited for.
      if (incident.next === null) row.next = shown?.next ?? null;
      assert.deepEqual(shown, {
        ...row,
        detail: detailOf(incident),
        timeline: incident.timeline,
        pagesSent: incident.pages.slice(-200).map((page) => pageOf(incident, page)),
      });
    } catch (error) {
      violations.push(`${workflowId} ${what} something else than it is: ${String(error)}`);
    }
  }

  return {
    /** The workflow is started with nothing that the test looks at. */
    begin(workflowId: string): void {
      memos.set(workflowId, {});
      upserted.delete(workflowId);
    },
    upsert(workflowId: string, memo: Record<string, unknown>): void {
      const merged = Object.fromEntries(
        Object.entries({ ...memos.get(workflowId), ...memo }).filter(([, value]) => value !== null),
      );
      // By JSON, as Temporal keeps it.
      memos.set(workflowId, JSON.parse(JSON.stringify(merged)) as Record<string, unknown>);
      if (Object.keys(memo).some((key) => !alarms.includes(key))) upserted.add(workflowId);
    },
    /** An incident that waits, or that has just shown something, shows all of it. */
    judgeTask(workflowId: string, incident: Incident): void {
      const waits = incident.state !== null && incident.next !== null && !isUnreported(incident);
      if (upserted.delete(workflowId) || waits) compare(workflowId, incident, 'shows');
    },
    /** An incident that is over shows all of it. */
    judgeEnd: (workflowId: string, incident: Incident) => compare(workflowId, incident, 'is over and shows'),
  };
}
