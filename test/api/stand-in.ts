/** Simple workflows in place of the real ones, with the part of the contract that the tests of the api need. */
import { condition, setHandler, upsertMemo } from '@temporalio/workflow';
import type { AnswerResult, IncidentInput } from '../../src/workflows/contract.js';
import type { PagerInput } from '../../src/workflows/pager-contract.js';
import { answerSignal, eventSignal, replyOutcomeQuery, replySignal } from '../../src/workflows/messages.js';
import { memoKeys, type IncidentRow } from '../../src/workflows/view-contract.js';

export async function incident({ id }: IncidentInput): Promise<void> {
  const answers: Record<string, AnswerResult> = {};
  let over = false;
  const at = '2026-11-15T17:14:45.000Z';
  const row: IncidentRow = {
    id,
    episode: null,
    state: 'triggered',
    item: { kind: 'workbook', luid: id, name: 'Sales', site: '-' },
    event: 'WorkbookRefreshFailed',
    cause: null,
    project: 'Finance',
    ownerRole: null,
    failures: 0,
    firstFailedAt: at,
    lastFailedAt: at,
    acknowledgedBy: null,
    acknowledgedAt: null,
    snoozedBy: null,
    snoozedUntil: null,
    endedAt: null,
    policy: 'default',
    step: 1,
    round: 1,
    pages: 0,
    next: null,
  };
  const show = (): void =>
    upsertMemo({
      [memoKeys.row]: { ...row },
      [memoKeys.detail]: { project: 'Finance', problems: [] },
      [memoKeys.entry(1)]: { at, type: 'failed', text: 'It failed' },
      [memoKeys.answers]: { ...answers },
    });
  setHandler(eventSignal, ({ event }) => {
    if (event.type === 'WorkbookDeleted') over = true;
    else row.failures += 1;
  });
  setHandler(answerSignal, ({ answerId, verb, by, durationMs }) => {
    if (by === 'without-outcome') return;
    if (row.state === 'resolved' && verb !== 'resolve') answers[answerId] = 'closed';
    else if (verb === 'snooze') {
      row.state = 'snoozed';
      row.next = {
        at: new Date(durationMs ?? 0).toISOString(),
        code: 'snooze-ends',
        what: 'The escalation starts again',
      };
      answers[answerId] = 'snoozed';
    } else {
      answers[answerId] = verb === 'resolve' ? 'resolved' : row.acknowledgedBy === null ? 'taken' : 'already';
      row.acknowledgedBy ??= by;
      row.state = verb === 'resolve' ? 'resolved' : 'acknowledged';
    }
    show();
  });
  show();
  await condition(() => over);
  row.state = 'resolved';
  show();
}

export async function pager(_input: PagerInput): Promise<void> {
  const seen = new Set<string>();
  setHandler(replySignal, ({ replyId }) => void seen.add(replyId));
  setHandler(replyOutcomeQuery, (replyId) => (seen.has(replyId) ? { text: 'Sales is yours.' } : null));
  await condition(() => false);
}
