/** Times on pages: in the reader's zone, with the whole time for programs and for whoever points at it. */
import { html, type Html } from './html.js';

export interface Clock {
  /** Milliseconds since the epoch. */
  now: number;
  /** An IANA zone: `Europe/Berlin`. */
  zone: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(zone, made);
  return made;
}

const timeOf = (at: string | number): number => (typeof at === 'number' ? at : Date.parse(at));

function partsIn(zone: string, at: number): { day: string; clock: string } {
  const parts = formatIn(zone).formatToParts(at);
  const [weekday, day, month, hour, minute] = (['weekday', 'day', 'month', 'hour', 'minute'] as const).map(
    (wanted) => parts.find(({ type }) => type === wanted)?.value ?? '',
  );
  return { day: `${weekday} ${day} ${month}`, clock: `${hour}:${minute}` };
}

/** `Mon 30 Nov, 03:00`. @param at ISO 8601 or milliseconds */
export function dayTime(at: string | number, zone: string): string {
  const { day, clock } = partsIn(zone, timeOf(at));
  return `${day}, ${clock}`;
}

/** As `dayTime`, or `03:00` where that is on the reader's present day. */
export function shortTime(at: string | number, { now, zone }: Clock): string {
  const then = partsIn(zone, timeOf(at));
  return then.day === partsIn(zone, now).day ? then.clock : `${then.day}, ${then.clock}`;
}

const instant = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?Z/g;

/** A text of ours with its instants in ISO 8601, UTC, as short times. */
export const onClock = (text: string, clock: Clock): string =>
  text.replaceAll(instant, (at) => (Number.isNaN(Date.parse(at)) ? at : shortTime(at, clock)));

/** `<time>` with the whole time as its title. */
const titled = (at: string | number, text: string): Html => {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}" title="${iso}">${text}</time>`;
};

/** `<time>` with the short time. */
export const timeElement = (at: string | number, clock: Clock): Html => titled(at, shortTime(at, clock));

/** `<time>` with its day. */
export const dayTimeElement = (at: string | number, { zone }: Pick<Clock, 'zone'>): Html =>
  titled(at, dayTime(at, zone));

/** `4 min`, `2 h 5 min`, `3 days`: how long something took or takes. @param ms milliseconds, at least 0 */
export function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (ms < 59_500) return `${Math.max(0, Math.round(ms / 1_000))} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}
