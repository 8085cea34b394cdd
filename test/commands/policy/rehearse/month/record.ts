/**
 * Plays the month anew and writes its recording, in a quarter of an hour: node --import ./scripts/load-typescript.mjs test/commands/policy/rehearse/month/record.ts
 * It begins at the next midnight, so that who is on call differs from one recording to the next: what the tests of the month computed by hand has to be
 * computed anew.
 */
import { incidentIdOf, type Channel } from '../../../../../src/workflows/contract.js';
import { onTimeSkippingService } from '../../../../helpers/time-skipping-service.js';
import { discardTemporal } from '../../../../helpers/time-skipping-temporal.js';
import { monthMs, monthPlan, partMs, type Plan } from './plan.js';
import { playPart, type Ledger } from './play.js';
import { monthFile } from './present.js';
import { writeMonth, type IncidentHistory } from './recording.js';

let ledger: Ledger | null = null;
const histories: IncidentHistory[] = [];
const plan = monthPlan(16);
for (let beginMs = 0; beginMs < monthMs; beginMs += partMs) {
  const from = ledger?.from ?? null;
  const played = await playAlone(plan, { from, beginMs });
  ledger = ledger === null ? played.ledger : joined(ledger, played.ledger);
  histories.push(...played.histories);
}
if (ledger !== null) writeMonth(ledger, histories);

async function playAlone(
  ...[all, part]: [Plan, Parameters<typeof playPart>[2]]
): Promise<{ ledger: Ledger; histories: IncidentHistory[] }> {
  const read: IncidentHistory[] = [];
  let kept: Ledger | null = null;
  await onTimeSkippingService(
    { escalation: monthFile(), ownTemporal: true },
    async (service) => {
      const played = await playPart(service, all, part);
      read.length = 0;
      for (const { workflowId, runId } of played.runs) {
        const history = await service.client.workflow.getHandle(workflowId, runId).fetchHistory();
        read.push({ incident: incidentIdOf(workflowId) ?? workflowId, runs: [history] });
      }
      kept = played.ledger;
    },
    10,
  );
  await discardTemporal();
  if (kept === null) throw new Error('nothing was played');
  return { ledger: kept, histories: read };
}

function joined(one: Ledger, next: Ledger): Ledger {
  const received = Object.entries(next.received).map(([contact, counts]) => {
    const before = one.received[contact] ?? { whatsapp: 0, sms: 0, call: 0 };
    const sum = (channel: Channel): number => before[channel] + counts[channel];
    return [contact, { whatsapp: sum('whatsapp'), sms: sum('sms'), call: sum('call') }] as const;
  });
  return {
    from: one.from,
    until: next.until,
    answers: [...one.answers, ...next.answers],
    received: Object.fromEntries(received),
  };
}
