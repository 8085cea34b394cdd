/** What a pager shows in the memo of its workflow. */
import { numberKey, type NumberedItem } from '../pager-contract.js';
import type { Effect } from '../machine.js';
import { raisedAlarms } from './alarms.js';
import { noteAnswering } from './answers.js';
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
  const isUsual = alarms.length === 0 && answering.length === 0;
  const shown = { contact, alarms, ...(answering.length > 0 ? { answering } : {}) };
  const raised = JSON.stringify(alarms);
  if (pager.shown?.answering === answering && pager.shown.raised === raised) return {};
  pager.shown = { answering, raised };
  const memo = isUsual ? '' : JSON.stringify(shown);
  if (memo === pager.published.memo) return {};
  pager.published = { ...pager.published, memo };
  return { pager: shown };
}

/** For the pages of links. A number stays in the memo until it is given again. */
function shownNumbers(pager: Pager): Record<string, NumberedItem> {
  const entries = pager.numbered.splice(0).flatMap(({ number, incident, episode, numberedAt: at }) => {
    return number === null ? [] : [[numberKey(number), { incident, episode, at }] as const];
  });
  return pager.settings.linkLength ? Object.fromEntries(entries) : {};
}
