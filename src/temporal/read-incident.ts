/** Reads one incident from the memo of its workflow, which is strongly consistent. No worker is needed, and no code of a workflow runs. */
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { channels, incidentWorkflowId, type AnswerResult } from '../workflows/contract.js';
import {
  memoKeys,
  pageStatuses,
  type IncidentDetail,
  type IncidentView,
  type PageView,
  type ShownAnswers,
  type TimelineEntry,
} from '../workflows/view-contract.js';
import { rowOf, type Execution } from './incident-row.js';

const optionalText = Type.Optional(Type.String());
const optionalNumber = Type.Optional(Type.Number());
const nullableText = Type.Union([Type.String(), Type.Null()]);

const Detail = Type.Object({
  project: optionalText,
  url: optionalText,
  tags: Type.Optional(Type.Array(Type.String())),
  cause: optionalText,
  problems: Type.Array(Type.String()),
  consecutiveFailures: optionalNumber,
  lastGoodAt: optionalText,
  nextRunAt: optionalText,
  downstreamWorkbooks: optionalNumber,
  unknownItem: Type.Optional(Type.Boolean()),
});
const Entry = Type.Object({ at: Type.String(), type: Type.String(), text: Type.String() });
const Page = Type.Object({
  n: Type.Number(),
  contact: Type.String(),
  channel: Type.Enum([...channels]),
  step: Type.Union([Type.Number(), Type.Null()]),
  requestedAt: Type.String(),
  status: Type.Enum([...pageStatuses]),
  sentAt: nullableText,
  readAt: nullableText,
  heldUntil: nullableText,
  why: nullableText,
});
const results = [
  'taken',
  'already',
  'resolved',
  'rerunning',
  'snoozed',
  'closed',
  'handed',
  'told',
] as const satisfies AnswerResult[];
const Answers = Type.Record(Type.String(), Type.Enum([...results]));

type Memo = Readonly<Record<string, unknown>>;

/**
 * The incident of an id, as its newest run shows it; null where there never was one, or Temporal has deleted it.
 * @throws whatever Temporal says, but that there is none
 */
export async function readIncident(client: Client, id: string): Promise<IncidentView | null> {
  const execution = await describeIncident(client, id);
  return execution && viewOf(execution);
}

/** The incident, and what became of the newest answers that were signalled, by their ids; both of one moment. Throws as `readIncident`. */
export async function readAnswered(client: Client, id: string): Promise<(Answered & { view: IncidentView }) | null> {
  const execution = await describeIncident(client, id);
  const view = execution && viewOf(execution);
  return execution && view && { view, answers: answersIn(execution) };
}

interface Answered {
  answers: ShownAnswers;
}

function answersIn({ memo }: Execution): ShownAnswers {
  const answers = memo?.[memoKeys.answers];
  return Value.Check(Answers, answers) ? answers : {};
}

/**
 * What became of an answer that was signalled; null while the incident has not seen it, and for one of which it has seen many since.
 * @throws as `readIncident`
 */
export async function readOutcome(client: Client, id: string, answerId: string): Promise<AnswerResult | null> {
  const execution = await describeIncident(client, id);
  return (execution && answersIn(execution)[answerId]) ?? null;
}

function describeIncident(client: Client, id: string): Promise<Execution | null> {
  const handle = client.workflow.getHandle(incidentWorkflowId(id));
  return handle.describe().catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  });
}

/** The incident as a run shows it; null for a run of anything else. What an earlier version did not write is missing. */
export function viewOf(execution: Execution): IncidentView | null {
  const row = rowOf(execution);
  const memo = execution.memo ?? {};
  return row && { ...row, detail: detailIn(memo), timeline: timelineIn(memo), pagesSent: pagesIn(memo) };
}

function detailIn(memo: Memo): IncidentDetail | null {
  const detail = memo[memoKeys.detail];
  return Value.Check(Detail, detail) ? detail : null;
}

function timelineIn(memo: Memo): TimelineEntry[] {
  return numbered(memo, memoKeys.entry).filter((value) => Value.Check(Entry, value));
}

/** The pages of the present episode that a memo holds, the oldest first. */
export function pagesIn(memo: Memo): PageView[] {
  return numbered(memo, memoKeys.page).filter((value) => Value.Check(Page, value));
}

/** The values of the keys that are made of a number, in its order. */
function numbered(memo: Memo, keyOf: (n: number) => string): unknown[] {
  return Object.entries(memo)
    .map(([key, value]) => ({ n: Number(key.slice(1)), key, value }))
    .filter(({ n, key }) => Number.isSafeInteger(n) && keyOf(n) === key)
    .toSorted((a, b) => a.n - b.n)
    .map(({ value }) => value);
}
