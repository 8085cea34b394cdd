/**
 * The older names of events, the only ones in REST API 3.6 to 3.8.
 * https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html
 */
const prefix = 'webhook-source-event-';

/** Names that do not follow the rule; the last one is as Tableau's table has it. */
const exceptions: Readonly<Record<string, string>> = {
  AdminPromoted: 'webhook-event-user-promoted-admin',
  AdminDemoted: 'webhook-event-user-demoted-admin',
  LabelDeleted: 'webhook-source-event-label-LabelDeleted',
};

/** `webhook-source-event-workbook-refresh-failed` of `WorkbookRefreshFailed`. */
export function sourceOf(event: string): string {
  if (Object.hasOwn(exceptions, event)) return exceptions[event] ?? '';
  return prefix + event.replace(/\B[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
}

/** `WorkbookRefreshFailed` of `webhook-source-event-workbook-refresh-failed`; undefined for any other name. */
export function eventOfSource(source: string): string | undefined {
  const exception = Object.entries(exceptions).find(([, name]) => name === source)?.[0];
  if (exception !== undefined || !source.startsWith(prefix)) return exception;
  return source
    .slice(prefix.length)
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
