/**
 * The 22 events: https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html
 */
const verbs = ['Created', 'Updated', 'Deleted'];
const refreshes = ['RefreshStarted', 'RefreshSucceeded', 'RefreshFailed'];

export const eventNames: readonly string[] = [
  ...['Datasource', 'Workbook'].flatMap((object) => [...verbs, ...refreshes].map((verb) => object + verb)),
  ...['Label', 'Site'].flatMap((object) => verbs.map((verb) => object + verb)),
  'UserDeleted',
  'ViewDeleted',
  'AdminPromoted',
  'AdminDemoted',
];

/** The older name of an event, the key inside `webhook-source`. */
export const sourceName = (event: string): string => {
  if (event === 'AdminPromoted') return 'webhook-event-user-promoted-admin';
  if (event === 'AdminDemoted') return 'webhook-event-user-demoted-admin';
  // As printed in Tableau's table.
  if (event === 'LabelDeleted') return 'webhook-source-event-label-LabelDeleted';
  return `webhook-source-event${event.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
};

export const eventOfSource = (source: string): string | null =>
  eventNames.find((event) => sourceName(event) === source) ?? null;

/** The value of `resource`. For refreshes it is not the kind of the item. */
export const resourceWord = (event: string, labelled = 'WORKBOOK'): string => {
  if (event.includes('Refresh')) return 'EXTRACTS';
  if (event.startsWith('Label')) return labelled;
  if (event.startsWith('Admin')) return 'USER';
  return event.replace(/(Created|Updated|Deleted)$/, '').toUpperCase();
};
