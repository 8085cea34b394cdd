import { getExternalWorkflowHandle, log } from '@temporalio/workflow';
import { answerSignal, failedSignal, heldSignal, incidentWorkflowId, sentSignal } from '../contract.js';
import type { Pager, PagedItem, Report } from './state.js';

/** More signals to incidents than this at once freeze the server's task for seconds. */
const atOnce = 50;

/** Takes what is to be told next: answers, then what was sent or failed, then what is held. */
export function takeReports(pager: Pager): Report[] {
  const answers = pager.answers.splice(0, atOnce);
  if (answers.length === atOnce) return answers;
  const settled = new Set(
    pager.reports.flatMap((tell) =>
      tell.signal === 'sent' || tell.signal === 'failed' ? [`${tell.k}.${tell.n}`] : [],
    ),
  );
  // That it was held is no news when it was sent meanwhile.
  const reports = pager.reports.filter((tell) => tell.signal !== 'held' || !settled.has(`${tell.k}.${tell.n}`));
  const ranked = [
    ...reports.filter(({ signal }) => signal !== 'held'),
    ...reports.filter(({ signal }) => signal === 'held'),
  ];
  const taken = ranked.slice(0, atOnce - answers.length);
  pager.reports = ranked.slice(taken.length);
  return [...answers, ...taken];
}

/** False when the incident does not exist any more. */
export async function reportToIncident(pager: Pager, tell: Report): Promise<boolean> {
  const item = pager.byKey.get(tell.k);
  if (!item) return true;
  try {
    await say(pager, item, tell);
    return true;
  } catch (error) {
    log.info('The incident is over', { incident: item.incident, signal: tell.signal, error: String(error) });
    return false;
  }
}

function say(pager: Pager, item: PagedItem, tell: Report): Promise<void> {
  const incident = getExternalWorkflowHandle(incidentWorkflowId(item.incident));
  switch (tell.signal) {
    case 'sent': {
      const { at, read } = tell;
      return incident.signal(sentSignal, { pageId: `${item.episode}.${tell.n}`, at, ...(read ? { read } : {}) });
    }
    case 'held':
      return incident.signal(heldSignal, { pageId: `${item.episode}.${tell.n}`, until: tell.until, why: tell.why });
    case 'failed':
      return incident.signal(failedSignal, { pageId: `${item.episode}.${tell.n}`, code: tell.code });
    case 'answer': {
      const { answerId, verb, duration } = tell;
      const said = { answerId, verb, episode: item.episode, by: pager.contact, contact: pager.contact };
      return incident.signal(answerSignal, duration === undefined ? said : { ...said, durationMs: duration });
    }
  }
}
