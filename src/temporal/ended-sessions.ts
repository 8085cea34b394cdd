/** Sessions of the pages that were ended before their time: how they are read from the memo of their workflow, and ended. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { endSessionsSignal } from '../workflows/messages.js';
import {
  endedSessionsStart,
  endedSessionsType,
  nothingEnded,
  type EndedSessions,
  type EndSignal,
} from '../workflows/sessions-contract.js';

const Ended = Type.Object({
  sessions: Type.Array(Type.Object({ id: Type.String(), until: Type.Number() })),
  people: Type.Array(Type.Object({ person: Type.String(), before: Type.Number() })),
  allBefore: Type.Number(),
});

/**
 * What was ended, as far as a worker has seen it. No worker is needed to read it. What the last run showed counts also where that was terminated.
 * @throws when Temporal does not answer before the deadline of the client, or the memo has another form
 */
export async function readEndedSessions(client: Client): Promise<EndedSessions> {
  try {
    const { memo } = await client.workflow.getHandle(endedSessionsStart.workflowId).describe();
    return Value.Parse(Ended, memo?.['ended'] ?? nothingEnded);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return nothingEnded;
    throw error;
  }
}

/** Durable when it resolves, also where no worker runs; may be repeated. Other processes notice when a worker has seen it. */
export async function endSessions(client: Client, signal: EndSignal): Promise<void> {
  await client.workflow.signalWithStart(endedSessionsType, {
    ...endedSessionsStart,
    args: [{}],
    signal: endSessionsSignal,
    signalArgs: [signal],
  });
}
