import type { FastifyBaseLogger } from 'fastify';
import { signalAnswer } from '../../temporal/incidents.js';
import { readOutcome } from '../../temporal/read-incident.js';
import type { AnswerResult, AnswerSignal } from '../../workflows/contract.js';
import { knownIncident } from './view.js';
import type { Intake } from '../intake/intake.js';
import type { TemporalGateway } from '../temporal-gateway.js';

interface Dependencies {
  temporal: TemporalGateway;
  intake: Intake;
  log: FastifyBaseLogger;
}

/** Gives the outcome; null where the answer is recorded, and its outcome not known in time. */
export type TakeAnswer = (id: string, answer: AnswerSignal) => Promise<AnswerResult | null>;

/**
 * How an answer of the api or of a page reaches its incident: it is durable before its outcome is waited for. A copy, which has the same `answerId`,
 * changes nothing. Throws a 404 for an incident that is not known, and `temporalUnavailable`.
 */
export const createTakeAnswer = ({ temporal, intake, log }: Dependencies): TakeAnswer =>
  async function takeAnswer(id, answer) {
    const { verb } = answer;
    const { readTimeoutMs, outcomeTimeoutMs } = temporal.timeouts;
    const isRunning = await temporal.request(readTimeoutMs, (client) => signalAnswer(client, id, answer));
    if (!isRunning) {
      // It may be about to begin: a batch, of this process or of another, may hold its failure.
      if (!(await intake.isPending())) {
        await knownIncident(temporal, id);
        return 'closed';
      }
      await temporal.request(readTimeoutMs, () => intake.add({ what: 'answer', incident: id, answer }));
      log.info({ incident: id, verb }, 'answer recorded for an incident that has not begun');
      return null;
    }
    const result = await temporal.poll(outcomeTimeoutMs, (remainingMs) =>
      temporal.request(remainingMs, (client) => readOutcome(client, id, answer.answerId)),
    );
    log.info({ incident: id, verb, result }, 'answer recorded');
    return result;
  };
