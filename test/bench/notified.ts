import { ana, type Site } from './site.js';

/** What has come to the phone of `ana` since then. */
export const textsSince = ({ service }: Site, since: number) =>
  service.sandbox.phones.get(ana).messages.filter(({ direction, at }) => direction !== 'inbound' && at >= since);

/** How many refreshes a text tells of: a bundle says it, a page is one, and anything else none. */
const counted = (text: string): number =>
  Number(/^(\d+) refreshes failed/m.exec(text)?.[1] ?? (text.startsWith('[') ? 1 : 0));

/** Of how many refreshes the person has read. */
export const told = (site: Site, since: number, before = Infinity): number =>
  textsSince(site, since)
    .filter(({ at }) => at < before)
    .reduce((sum, { body }) => sum + counted(body), 0);
