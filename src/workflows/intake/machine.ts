/**
 * A batch of events that one api process accepted together, as a state machine: it has them delivered to their incidents, and again
 * where that failed. What only a running incident takes waits for the batches that came before, which may start that incident.
 */
import { minute, second } from '../contract.js';
import type { DeliverInput, DeliveryReport, IntakeEntry, IntakeInput, IntakeMemo } from '../intake-contract.js';
import type { DriverInput, Effect, Env, LogLine, Machine, Wake } from '../machine.js';

export interface Intake {
  version: 1;
  /** Events of the batch, delivered ones included. */
  total: number;
  /** Not delivered yet. */
  remaining: IntakeEntry[];
  undeliverable: number;
  startedAt: number | null;
  /** When a failure that may start a missing incident was last on its way: one of this batch or of an earlier one. */
  lastFailureAt: number;
  /** The delivery that runs. */
  inFlight: { id: string; since: number } | null;
  deliveries: number;
  /** When to deliver what remains. */
  nextAt: number | null;
  /** The memo says that the batch only waits. */
  isPublished: boolean;
  isCancelled: boolean;
  logLines: LogLine[];
}

export interface Call {
  activity: 'deliver';
  input: DeliverInput;
}
export interface Result {
  activity: 'deliver';
  report: DeliveryReport;
}
export type IntakeEffect = Effect<Call>;
export type Input = DriverInput<Result>;

/** After the last failure that may start it, an incident gets this long to begin. */
const lastTryAfterMs = 2 * minute;
/** Pauses double from the first to the last. */
const retryMs = { first: second, last: 30 * second } as const;
const waitingRetryMs = { first: 5 * second, last: minute } as const;

const hasFailures = (entries: readonly IntakeEntry[]): boolean => entries.some(({ what }) => what === 'failure');

export const newIntake = ({ entries }: IntakeInput): Intake => ({
  version: 1,
  total: entries.length,
  remaining: entries,
  undeliverable: 0,
  startedAt: null,
  lastFailureAt: 0,
  inFlight: null,
  deliveries: 0,
  nextAt: null,
  // The api writes the memo of a batch without failures.
  isPublished: !hasFailures(entries),
  isCancelled: false,
  logLines: [],
});

function handle(intake: Intake, input: Input, { now }: Env): void {
  if (input.type === 'cancel-requested') {
    intake.isCancelled = true;
    return;
  }
  const { inFlight } = intake;
  if (inFlight === null || input.type === 'signalled' || input.id !== inFlight.id) return;
  intake.inFlight = null;
  if (input.type === 'completed') applyReport(intake, input.result.report, inFlight.since, now);
  else if (input.type === 'failed')
    note(intake, 'warn', 'events are not delivered yet', { why: input.failure.message.slice(0, 200) });
  const { first, last } = hasFailures(intake.remaining) ? retryMs : waitingRetryMs;
  intake.nextAt = now + Math.min(last, first * 2 ** Math.min(10, intake.deliveries - 1));
}

function applyReport(intake: Intake, report: DeliveryReport, since: number, now: number): void {
  const { remaining } = intake;
  if (report.hasEarlierBatch || hasFailures(remaining)) intake.lastFailureAt = now;
  const kept = new Set<number>();
  for (const { index, why, permanent } of report.failed) {
    const incident = remaining[index]?.incident ?? '';
    if (permanent) {
      intake.undeliverable += 1;
      note(intake, 'error', 'an event cannot be delivered', { incident, why, alarm: 'event-undeliverable' });
    } else {
      kept.add(index);
      note(intake, 'warn', 'an event is not delivered yet', { incident, why });
    }
  }
  // This try came late enough to be the last one.
  if (since >= intake.lastFailureAt + lastTryAfterMs) noteUnclaimed(intake, report.waiting);
  else for (const index of report.waiting) kept.add(index);
  intake.remaining = remaining.filter((_, index) => kept.has(index));
}

function noteUnclaimed(intake: Intake, waiting: readonly number[]): void {
  if (waiting.length === 0) return;
  const incidents = waiting.slice(0, 10).flatMap((index) => intake.remaining[index]?.incident ?? []);
  note(intake, 'info', 'no incident runs for these events', { count: waiting.length, incidents });
}

function note(intake: Intake, level: LogLine['level'], message: string, about: LogLine['about']): void {
  intake.logLines.push({ level, message, about });
}

function advance(intake: Intake, { now, draining }: Env, input: Omit<IntakeInput, 'entries'>): IntakeEffect[] {
  intake.startedAt ??= now;
  intake.lastFailureAt ||= now;
  const isAborted = intake.isCancelled && intake.inFlight === null && intake.remaining.length > 0;
  if (isAborted) {
    const about = { undelivered: intake.remaining.length, alarm: 'event-undeliverable' };
    note(intake, 'error', 'a batch of events was cancelled', about);
  }
  const effects: IntakeEffect[] = intake.logLines.splice(0).map((line) => ({ type: 'log', line }));
  if (intake.inFlight !== null) return effects;
  if (intake.remaining.length === 0 || isAborted) return [...effects, { type: 'end', cancelled: isAborted }];
  if (!intake.isPublished && !hasFailures(intake.remaining)) {
    intake.isPublished = true;
    const memo: IntakeMemo = { waiting: intake.remaining.length };
    effects.push({ type: 'memo', memo: { intake: memo } });
  }
  if (!draining && now >= (intake.nextAt ?? 0)) effects.push(deliver(intake, input, intake.startedAt, now));
  return effects;
}

function deliver(intake: Intake, input: Omit<IntakeInput, 'entries'>, startedAt: number, now: number): IntakeEffect {
  const { remaining } = intake;
  intake.deliveries += 1;
  const id = `${intake.deliveries}`;
  intake.inFlight = { id, since: now };
  const count = remaining.length;
  const summary = hasFailures(remaining) ? `Deliver ${count}` : `Try ${count} that wait for their incidents`;
  return {
    type: 'activity',
    id,
    summary,
    call: { activity: 'deliver', input: { ...input, entries: remaining, startedAt } },
  };
}

function wakeAt({ inFlight, nextAt, remaining }: Intake): Wake | null {
  if (inFlight !== null || nextAt === null) return null;
  return {
    at: nextAt,
    why: hasFailures(remaining)
      ? 'Wait before events are delivered again'
      : 'Wait for the incidents of earlier batches',
  };
}

/** For the Web UI, in Markdown. */
export function detailsOf({ total, remaining, undeliverable, inFlight }: Intake): string {
  const lines = [`${total} events of a burst, accepted together.`];
  if (inFlight !== null) lines.push(`${remaining.length} are being delivered to their incidents.`);
  else if (remaining.length > 0) lines.push(`${remaining.length} wait for a further try.`);
  if (undeliverable > 0) lines.push(`**${undeliverable} cannot be delivered**; the log names their incidents.`);
  return lines.join('\n\n');
}

/** `input` is what all deliveries of the batch share. */
export const intakeMachine = (
  input: Omit<IntakeInput, 'entries'>,
): Machine<Intake, Input, IntakeEffect, typeof detailsOf> => ({
  handle,
  advance: (intake, env) => advance(intake, env, input),
  wakeAt,
  view: detailsOf,
  hasInFlight: ({ inFlight }) => inFlight !== null,
});
