/** Overrides and silences that are made while the service runs: how they are read from the memo of their workflow, made and ended. */
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { WorkflowNotFoundError, type UpdateDefinition } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { endOverrideUpdate, endSilenceUpdate, makeOverrideUpdate, makeSilenceUpdate } from '../workflows/messages.js';
import {
  onCallStart,
  onCallType,
  onCallWorkflowId,
  type EndOverride,
  type Outcome,
  type Override,
  type OverrideRequest,
  type Silence,
  type SilenceRequest,
} from '../workflows/on-call-contract.js';

const entry = { id: Type.String(), from: Type.String(), to: Type.String(), by: Type.String() };
const Overrides = Type.Array(Type.Object({ ...entry, schedule: Type.String(), contact: Type.String() }));
const pattern = Type.Optional(Type.String());
const Match = Type.Object({ item: pattern, project: pattern, tag: pattern, site: pattern, event: pattern });
const Silences = Type.Array(Type.Object({ ...entry, match: Match, reason: Type.String() }));

const withTimes = <E extends { from: string; to: string }>({ from, to, ...more }: E) => ({
  ...more,
  from: Date.parse(from),
  to: Date.parse(to),
});

/**
 * The overrides that were made, in that order, also some that are over. No worker is needed for it.
 * @throws when Temporal does not answer before the deadline of the client, or the memo has another form
 */
export const readOverrides = async (client: Client): Promise<Override[]> =>
  Value.Parse(Overrides, (await memoOf(client))['overrides'] ?? []).map(withTimes);

/** As `readOverrides`, for silences. */
export const readSilences = async (client: Client): Promise<Silence[]> =>
  Value.Parse(Silences, (await memoOf(client))['silences'] ?? []).map(withTimes);

/** Empty where nothing was made yet, or somebody ended the workflow. */
async function memoOf(client: Client): Promise<Record<string, unknown>> {
  try {
    const { status, memo } = await client.workflow.getHandle(onCallWorkflowId).describe();
    return status.name === 'RUNNING' ? (memo ?? {}) : {};
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return {};
    throw error;
  }
}

/** A read within a time. */
export const within = <T>(client: Client, timeoutMs: number, read: (client: Client) => Promise<T>): Promise<T> =>
  client.withDeadline(Date.now() + timeoutMs, () => read(client));

/** Durable when it resolves; may be repeated. A worker has to take it. */
export const makeOverride = (client: Client, request: OverrideRequest): Promise<Outcome> =>
  make(client, makeOverrideUpdate, request, request.override.id);

/** As `makeOverride`. */
export const makeSilence = (client: Client, request: SilenceRequest): Promise<Outcome> =>
  make(client, makeSilenceUpdate, request, request.silence.id);

const make = <T>(client: Client, update: UpdateDefinition<Outcome, [T]>, request: T, id: string): Promise<Outcome> =>
  client.workflow.executeUpdateWithStart(update, {
    args: [request],
    updateId: `make:${id}`,
    startWorkflowOperation: new WithStartWorkflowOperation(onCallType, { ...onCallStart, args: [{}] }),
  });

/** Ends an override early, or before it begins; false where there is none. May be repeated. */
export const endOverride = (client: Client, request: EndOverride): Promise<boolean> =>
  end(client, endOverrideUpdate, request, `${request.schedule}:${request.id}`);

/** As `endOverride`. */
export const endSilence = (client: Client, id: string): Promise<boolean> => end(client, endSilenceUpdate, { id }, id);

async function end<T>(
  client: Client,
  update: UpdateDefinition<boolean, [T]>,
  request: T,
  id: string,
): Promise<boolean> {
  try {
    const handle = client.workflow.getHandle(onCallWorkflowId);
    return await handle.executeUpdate(update, { args: [request], updateId: `end:${id}` });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
