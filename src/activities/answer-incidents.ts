import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { reasonOf } from '../temporal/errors.js';
import { answerIncident } from '../temporal/incidents.js';
import type { AnswerActivities, AnsweringResult, IncidentAnswer } from '../workflows/activity-contract.js';

/** The activity ends after this time, also while an incident does not respond. */
const allWithinMs = 5_000;
const pauseMs = 500;
/** An update that waits for a worker costs little, and is taken also when its call has given up. */
export const updatesAtOnce = 100;

/**
 * Takes answers to their incidents. An update brings the outcome with one workflow task of the incident, where a signal needs a second
 * one for the signal back. An update that a worker has not accepted is not durable, so that the pager keeps each answer until it has the outcome.
 */
export function createAnswerActivities(client: Client): AnswerActivities {
  return {
    async answerIncidents({ answers }) {
      const deadline = Date.now() + allWithinMs;
      const result: AnsweringResult = { outcomes: {}, failed: {} };
      const waiting = answers.values();
      const updateOneAfterTheOther = async (): Promise<void> => {
        for (const answer of waiting) {
          if (Date.now() >= deadline) return;
          await update(answer, deadline, result);
        }
      };
      await Promise.all(Array.from({ length: updatesAtOnce }, updateOneAfterTheOther));
      return result;
    },
  };

  /** Tries until the deadline: what is unavailable now may be back in a moment. */
  async function update(
    { incident, answer }: IncidentAnswer,
    deadline: number,
    result: AnsweringResult,
  ): Promise<void> {
    const { answerId } = answer;
    for (;;) {
      try {
        result.outcomes[answerId] = await client.withDeadline(deadline, () => answerIncident(client, incident, answer));
        delete result.failed[answerId];
        return;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) {
          result.outcomes[answerId] = null;
          delete result.failed[answerId];
          return;
        }
        result.failed[answerId] = reasonOf(error);
      }
      if (Date.now() + pauseMs >= deadline) return;
      await sleep(pauseMs);
    }
  }
}
