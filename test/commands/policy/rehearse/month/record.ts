/** Plays the month anew and writes its recording: node --import ./scripts/load-typescript.mjs test/commands/policy/rehearse/month/record.ts */
import type { IncidentHistory } from '../../../../../src/temporal/incident-histories.js';
import { incidentIdOf } from '../../../../../src/workflows/contract.js';
import { onTimeSkippingService } from '../../../../helpers/time-skipping-service.js';
import { discardTemporal } from '../../../../helpers/time-skipping-temporal.js';
import { monthPlan } from './plan.js';
import { playMonth } from './play.js';
import { monthFile } from './present.js';
import { writeMonth } from './recording.js';

await onTimeSkippingService({ escalation: monthFile(), ownTemporal: true }, async (service) => {
  const { ledger, runs } = await playMonth(service, monthPlan(16));
  const histories: IncidentHistory[] = [];
  for (const { workflowId, runId } of runs) {
    const history = await service.client.workflow.getHandle(workflowId, runId).fetchHistory();
    histories.push({ incident: incidentIdOf(workflowId) ?? workflowId, runs: [history] });
  }
  writeMonth(ledger, histories);
});
await discardTemporal();
