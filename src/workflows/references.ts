/** Whom a step can page besides a contact. */

/** The owner of the item in Tableau. */
export const ownerReference = 'owner';

/** `schedule/data` */
export const scheduleReference = (name: string): string => `schedule/${name}`;

/** `data` of `schedule/data`; null for anything else. */
export const scheduleOf = (reference: string): string | null =>
  reference.startsWith('schedule/') ? reference.slice('schedule/'.length) : null;

export const isReference = (entry: string): boolean => entry === ownerReference || scheduleOf(entry) !== null;

/** Why nobody is paged for a reference: "nobody is on call (data)". */
export function nobodyText(reference: string): string {
  const schedule = scheduleOf(reference);
  return schedule === null ? 'the owner is no contact' : `nobody is on call (${schedule})`;
}

/** "whoever is on call (data)", "the owner" or the contact itself. */
export function referenceText(entry: string): string {
  if (entry === ownerReference) return 'the owner';
  const schedule = scheduleOf(entry);
  return schedule === null ? entry : `whoever is on call (${schedule})`;
}
