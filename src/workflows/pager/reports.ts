/** What incidents get from a pager about its pages: first what was sent or failed, then what is held. */
import { incidentWorkflowId, type FailedSignal, type HeldSignal, type SentSignal } from '../contract.js';
import type { Effect } from '../machine.js';
import type { PageRef } from './message-state.js';
import type { PagedItem, Pager, Report } from './state.js';

/** Signals to incidents, by the names in `messages.ts`. */
export type IncidentSignal =
  | { name: 'sent'; payload: SentSignal }
  | { name: 'held'; payload: HeldSignal }
  | { name: 'failed'; payload: FailedSignal };

/** More signals to other workflows at once freeze the server's workflow task for seconds. */
const atOnce = 50;

/** Signals of the next batch; none while one is in flight. A report whose item is gone has no receiver. */
export function beginReports(pager: Pager): Effect<never, IncidentSignal>[] {
  if (pager.signalsInFlight.length > 0) return [];
  return takeReports(pager).flatMap((report): Effect<never, IncidentSignal>[] => {
    const item = pager.byKey.get(report.key);
    if (!item) return [];
    pager.lastSignal += 1;
    const id = `signal:${pager.lastSignal}`;
    pager.signalsInFlight.push({ id, key: report.key });
    const workflowId = incidentWorkflowId(item.incident);
    return [{ type: 'signal', id, workflowId, signal: signalOf(item, report) }];
  });
}

/** Queues the report that pages are held. The newest counts: an outage of hours would queue thousands of copies. */
export function reportHeldPages(
  pager: Pager,
  pages: readonly PageRef[],
  { until, why, isQuiet = false }: { until: number; why: string; isQuiet?: boolean },
): void {
  const held = new Set(pages.map(([key, n]) => `${key}.${n}`));
  const isOlder = (report: Report): boolean => report.signal === 'held' && held.has(`${report.key}.${report.n}`);
  pager.reports = pager.reports.filter((report) => !isOlder(report));
  for (const [key, n] of pages)
    pager.reports.push({ key, signal: 'held', n, until, why, ...(isQuiet ? { isQuiet } : {}) });
}

/** Takes the next batch from the state. */
export function takeReports(pager: Pager): Report[] {
  const settled = new Set(
    pager.reports.flatMap((report) =>
      report.signal === 'sent' || report.signal === 'failed' ? [`${report.key}.${report.n}`] : [],
    ),
  );
  // That a page was held does not matter when it was sent meanwhile.
  const reports = pager.reports.filter(
    (report) => report.signal !== 'held' || !settled.has(`${report.key}.${report.n}`),
  );
  const ranked = [
    ...reports.filter(({ signal }) => signal !== 'held'),
    ...reports.filter(({ signal }) => signal === 'held'),
  ];
  pager.reports = ranked.slice(atOnce);
  return ranked.slice(0, atOnce);
}

function signalOf(item: PagedItem, report: Report): IncidentSignal {
  switch (report.signal) {
    case 'sent': {
      const { n, at, read } = report;
      return { name: 'sent', payload: { pageId: pageIdOf(item, n), at, ...(read ? { read } : {}) } };
    }
    case 'held': {
      const { n, until, why, isQuiet } = report;
      return {
        name: 'held',
        payload: { pageId: pageIdOf(item, n), until, why, ...(isQuiet ? { isQuiet } : {}) },
      };
    }
    case 'failed': {
      const { n, code, outage } = report;
      return { name: 'failed', payload: { pageId: pageIdOf(item, n), code, ...(outage ? { outage } : {}) } };
    }
  }
}

const pageIdOf = ({ episode }: PagedItem, n: number): string => `${episode}.${n}`;
