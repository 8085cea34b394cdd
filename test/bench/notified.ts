import { ana, type Site } from './site.js';

/** The messages to `ana` since then. */
export const textsSince = ({ service }: Site, since: number) =>
  service.sandbox.phones.get(ana).messages.filter(({ direction, at }) => direction !== 'inbound' && at >= since);

/** How many refreshes a text is about: a bundle gives the number, a page is one, any other message none. */
const refreshesIn = (text: string): number =>
  Number(/^\d+ .*open, (\d+) new/m.exec(text)?.[1] ?? (text.startsWith('[') ? 1 : 0));

/** How many failed refreshes the messages to `ana` are about, until then included: one may be seen in the millisecond in which it came. */
export const notified = (site: Site, since: number, until = Infinity): number =>
  textsSince(site, since)
    .filter(({ at }) => at <= until)
    .reduce((sum, { body }) => sum + refreshesIn(body), 0);
