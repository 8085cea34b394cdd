/** Paths of pages, without the prefix. */

/** A colon may stand in a path as it is. */
const segment = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':');

/** @param id of an incident */
export const incidentPath = (id: string): string => `/incidents/${segment(id)}`;
export const liveIncidentPath = (id: string): string => `/live/incidents/${segment(id)}`;
