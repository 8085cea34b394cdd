/** Who is on call in the next days, as a strip of coloured parts: the table beside it says the same in words. Pure. */
import type { Shift } from '../../policy/on-call.js';
import { html, type Html } from './html.js';
import { named } from './incident-parts.js';
import { dayTime, shortTime, type Clock } from './times.js';

export type WholeShift = Shift & { until: number };

/** As many colours are told apart; others come again. */
const colours = 6;

const colourOf = (contacts: readonly (string | null)[], contact: string | null): string =>
  contact === null ? 'duty gap' : `duty duty-${contacts.indexOf(contact) % colours}`;

/** @param shifts without a gap between them, at least one */
export function shiftStrip(name: string, shifts: readonly WholeShift[], clock: Clock): Html {
  const from = shifts[0]?.from ?? 0;
  const whole = (shifts.at(-1)?.until ?? 1) - from;
  const at = (time: number): string => (((time - from) / whole) * 1_000).toFixed(1);
  const contacts = [...new Set(shifts.map(({ contact }) => contact))].filter((contact) => contact !== null);
  const parts = shifts.map(({ contact, from: begin, until }) => {
    const title = `${contact ?? 'nobody'}, ${shortTime(begin, clock)} to ${shortTime(until, clock)}`;
    const width = Math.max(1, ((until - begin) / whole) * 1_000 - 1).toFixed(1);
    return html`<rect class="${colourOf(contacts, contact)}" x="${at(begin)}" y="0" width="${width}" height="24"
      ><title>${title}</title></rect
    >`;
  });
  return html`<svg
      class="band"
      viewBox="0 0 1000 24"
      preserveAspectRatio="none"
      role="img"
      aria-label="On call by ${name} in the next 2 weeks: see the table"
    >
      ${parts}
      <line class="now" x1="${at(clock.now)}" x2="${at(clock.now)}" y1="0" y2="24"></line>
    </svg>
    <p class="ends soft"><span>${dayTime(from, clock.zone)}</span><span>${dayTime(from + whole, clock.zone)}</span></p>
    <ul class="legend">
      ${contacts.map((contact) => legend(colourOf(contacts, contact), named(contact)))}
      ${shifts.some(({ contact }) => contact === null) && legend('duty gap', html`nobody`)}
    </ul>`;
}

const legend = (colour: string, what: Html): Html =>
  html`<li>
    <svg width="12" height="12" aria-hidden="true"><rect class="${colour}" width="12" height="12"></rect></svg> ${what}
  </li>`;
