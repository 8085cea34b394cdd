/** Whether WhatsApp has approved the template of pages, as a worker reads it at Twilio when somebody looks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { templateStates, type TemplateState } from '../workflows/background-contract.js';
import { minute, second } from '../workflows/contract.js';
import { cached } from './cached.js';
import type { TemporalGateway } from './temporal-gateway.js';
import { createReadByWorker } from './worker-reads.js';

const State = Type.Enum([...templateStates]);
/** Twilio is asked twice. */
const timeoutMs = 9 * second;
/** A page waits so long; then it shows what was known before. */
const waitMs = second;

/** @returns what is known; it reads again what is older than a minute */
export function createTemplateApproval(temporal: TemporalGateway, clock: () => number): () => Promise<TemplateState> {
  const readByWorker = createReadByWorker(temporal, clock);
  let known: TemplateState = 'unknown';
  const refresh = cached(
    async () => {
      const found = await readByWorker({ activity: 'readTemplate', id: 'template', args: [], timeoutMs });
      known = Value.Check(State, found) ? found : 'unknown';
    },
    minute,
    clock,
  );
  return async () => {
    await Promise.race([refresh(), sleep(waitMs, undefined, { ref: false })]);
    return known;
  };
}
