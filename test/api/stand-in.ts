/** Simple workflows in place of the real ones, with the part of the contract that the tests of the api need. */
import { condition, setHandler, upsertMemo } from '@temporalio/workflow';
import type { AnswerResult, IncidentInput, IncidentRow } from '../../src/workflows/contract.js';
import type { PagerInput } from '../../src/workflows/pager-contract.js';
import {
  answeredQuery,
  answerSignal,
  eventSignal,
  replyOutcomeQuery,
  replySignal,
  viewQuery,
} from '../../src/workflows/messages.js';

export async function incident({ id }: IncidentInput): Promise<void> {
  const answers = new Map<string, AnswerResult>();
  let over = false;
  let refusals = 0;
  const row: IncidentRow = {
    id,
    state: 'triggered',
    item: { kind: 'workbook', luid: id, name: 'Sales', site: '-' },
    event: 'WorkbookRefreshFailed',
    failures: 0,
    firstFailedAt: '2026-11-15T17:14:45.000Z',
    lastFailedAt: '2026-11-15T17:14:45.000Z',
    acknowledgedBy: null,
    policy: 'default',
    step: 1,
    next: null,
  };
  setHandler(eventSignal, ({ event }) => {
    if (event.type === 'WorkbookDeleted') over = true;
    else row.failures += 1;
  });
  setHandler(answerSignal, ({ answerId, verb, by, durationMs }) => {
    if (by === 'without-outcome') return;
    if (by === 'first-query-fails') refusals = 1;
    if (row.state === 'resolved' && verb !== 'resolve') {
      answers.set(answerId, 'closed');
      return;
    }
    if (verb === 'snooze') {
      row.state = 'snoozed';
      row.next = { at: `${durationMs} ms from now`, what: 'The escalation starts again' };
      answers.set(answerId, 'snoozed');
      return;
    }
    answers.set(answerId, verb === 'resolve' ? 'resolved' : row.acknowledgedBy === null ? 'taken' : 'already');
    row.acknowledgedBy ??= by;
    row.state = verb === 'resolve' ? 'resolved' : 'acknowledged';
  });
  setHandler(viewQuery, () => {
    if (refusals > 0) {
      refusals -= 1;
      throw new Error('The next query succeeds');
    }
    return {
      ...row,
      detail: { project: 'Finance', owner: 'Olga Owner', problems: [] },
      timeline: [{ at: row.firstFailedAt, type: 'failed', text: 'It failed' }],
    };
  });
  setHandler(answeredQuery, (answerId) => answers.get(answerId) ?? null);
  upsertMemo({ incident: { ...row } });
  await condition(() => over);
  upsertMemo({ incident: { ...row, state: 'resolved' } });
}

export async function pager(_input: PagerInput): Promise<void> {
  const seen = new Set<string>();
  setHandler(replySignal, ({ replyId }) => void seen.add(replyId));
  setHandler(replyOutcomeQuery, (replyId) => (seen.has(replyId) ? { text: 'Sales is yours.' } : null));
  await condition(() => false);
}
