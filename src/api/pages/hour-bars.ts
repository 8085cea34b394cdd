/** How many promised items are due in each hour, as bars; the table beside it says the same in words. Pure. */
import type { ShownPromises } from '../../workflows/freshness-contract.js';
import { hour } from '../../workflows/contract.js';
import { html, type Html } from './html.js';
import { shortTime, timeElement, type Clock } from './times.js';

const hoursBefore = 24;
const hoursAfter = 25;
const width = 20;
const height = 120;

/** @param lookedAt in milliseconds: the hours are those around it */
export function hourBars(hours: ShownPromises['hours'], lookedAt: number, clock: Clock): Html {
  const first = Math.floor(lookedAt / hour) * hour - hoursBefore * hour;
  const most = Math.max(1, ...hours.map(({ due }) => due));
  const x = (at: number): number => ((at - first) / hour) * width;
  const bars = hours.map(({ at, due, late }) =>
    bar(x(Date.parse(at)), { due, late, most }, title(at, due, late, clock)),
  );
  const whole = (hoursBefore + hoursAfter) * width;
  const nowX = x(clock.now).toFixed(1);
  return html`<svg
      class="hours"
      viewBox="0 0 ${whole} ${height + 8}"
      preserveAspectRatio="none"
      role="img"
      aria-label="Items due by hour, from a day before until a day after: see the table"
    >
      ${bars}
      <line class="axis" x1="0" x2="${whole}" y1="${height}" y2="${height}"></line>
      <line class="now" x1="${nowX}" x2="${nowX}" y1="0" y2="${height + 8}"></line>
    </svg>
    <p class="ends soft">
      <span>${shortTime(first, clock)}</span><span>now</span
      ><span>${shortTime(first + (hoursBefore + hoursAfter) * hour, clock)}</span>
    </p>
    <p class="legend" aria-hidden="true">
      <svg viewBox="0 0 10 10"><rect class="bar" width="10" height="10" /></svg> due, at most ${most} in an hour
      <svg viewBox="0 0 10 10"><rect class="bar failed" width="10" height="10" /></svg> late
    </p>`;
}

const title = (at: string, due: number, late: number, clock: Clock): string =>
  `${shortTime(at, clock)}: ${due} due${late > 0 ? `, ${late} late` : ''}`;

function bar(x: number, { due, late, most }: { due: number; late: number; most: number }, text: string): Html {
  const tall = (count: number): number => Math.max(3, (count / most) * height);
  const rect = (colour: string, count: number) =>
    html`<rect
      class="bar ${colour}"
      x="${x + 2}"
      width="${width - 4}"
      y="${(height - tall(count)).toFixed(1)}"
      height="${tall(count).toFixed(1)}"
    ></rect>`;
  return html`<g><title>${text}</title>${rect('', due)}${late > 0 && rect('failed', late)}</g>`;
}

/** The same as a table. */
export const hourTable = (hours: ShownPromises['hours'], clock: Clock): Html =>
  html`<table class="lines">
    <thead>
      <tr>
        <th scope="col">Hour</th>
        <th scope="col">Due</th>
        <th scope="col">Late</th>
      </tr>
    </thead>
    <tbody>
      ${hours.map(
        ({ at, due, late }) =>
          html`<tr>
            <td>${timeElement(at, clock)}</td>
            <td>${due}</td>
            <td>${late > 0 ? late : ''}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
