/** What a pager shows in the memo of its workflow. */
import { numberKey, type NumberedItem } from '../pager-contract.js';
import type { Effect } from '../machine.js';
import { raisedAlarms } from './alarms.js';
import { byPrefix, noteAnswering } from './answers.js';
import type { Pager } from './state.js';

/** Shows the state in Temporal, in one command: alarms, where the api finds them without a query, and what the numbers of replies mean. */
export function publish(pager: Pager): Effect<never>[] {
  noteAnswering(pager);
  const memo = { ...shownState(pager), ...shownNumbers(pager) };
  return Object.keys(memo).length === 0 ? [] : [{ type: 'memo', memo }];
}

/** Nothing where it has not changed. */
function shownState(pager: Pager): Record<string, unknown> {
  const alarms = raisedAlarms(pager).map((alarm) => ({ ...alarm, since: new Date(alarm.since).toISOString() }));
  const { contact, answering } = pager;
  const raised = JSON.stringify(alarms);
  if (pager.shown?.answering === answering && pager.shown.raised === raised) return {};
  pager.shown = { answering, raised };
  const isAnswering = answering.length > 0;
  const usual = alarms.length === 0 ? '' : JSON.stringify({ contact, alarms });
  const memo = isAnswering ? 'answering' : usual;
  // What a run carries says that it was answering, not for which of thousands: the next run shows those again.
  if (memo === pager.published.memo && !isAnswering) return {};
  pager.published = { ...pager.published, memo };
  return { pager: { contact, alarms, ...(isAnswering ? { answering: byPrefix(answering) } : {}) } };
}

/** For the pages of links: what the numbers of messages mean that the memo does not have. It keeps each until it is given again. */
function shownNumbers(pager: Pager): Record<string, NumberedItem> {
  const named = pager.numbered.splice(0);
  if (!pager.settings.linkLength) return {};
  const memo: Record<string, NumberedItem> = {};
  for (const { number, incident, episode, numberedAt: at } of named) {
    if (number === null || pager.inMemo.includes(number)) continue;
    pager.inMemo.push(number);
    memo[numberKey(number)] = { incident, episode, at };
  }
  return memo;
}
