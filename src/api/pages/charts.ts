/** Bars as inline SVG: small enough for a phone, with a table beside them for whoever does not see them. Pure. */
import { html, type Html } from './html.js';

export interface Bar {
  /** Below the bar, where there is room. */
  label: string;
  /** In full, for the table and for whoever points at the bar. */
  name: string;
  value: number;
  /** A part of it that stands out. */
  marked: number;
}

interface Chart {
  id: string;
  title: string;
  /** What the values count, and the part of them. */
  of: readonly [value: string, marked: string];
  bars: readonly Bar[];
  /** Every n-th bar has its label. */
  labelEvery: number;
}

const size = { width: 360, height: 130, top: 14, bottom: 18 } as const;
const mostWidth = 16;
const labelRoom = 34;
const drawn = size.height - size.top - size.bottom;

/** Two bars beside each other for each place. The numbers are in the table too. */
export function barChart({ id, title, of: [value, marked], bars, labelEvery }: Chart): Html {
  const most = Math.max(1, ...bars.map((bar) => Math.max(bar.value, bar.marked)));
  const place = size.width / Math.max(1, bars.length);
  const heightOf = (count: number): number => Math.round((count / most) * drawn * 10) / 10;
  const x = (index: number): number => Math.round(index * place * 10) / 10;
  const width = Math.min(mostWidth, Math.round(place * 0.4 * 10) / 10);
  const rect = (index: number, count: number, kind: string, shift: number): Html | null => {
    const height = heightOf(count);
    return count === 0
      ? null
      : html`<rect
          class="${kind}"
          x="${x(index) + shift}"
          y="${size.top + drawn - height}"
          width="${width}"
          height="${height}"
        />`;
  };
  return html`<figure class="chart">
    <figcaption id="${id}">${title}</figcaption>
    <p class="legend" aria-hidden="true">
      <svg viewBox="0 0 10 10"><rect class="bar" width="10" height="10" /></svg> ${value}
      <svg viewBox="0 0 10 10"><rect class="bar failed" width="10" height="10" /></svg> ${marked}
    </p>
    <svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-labelledby="${id}">
      <text x="0" y="11">${most}</text>
      <line class="axis" x1="0" x2="${size.width}" y1="${size.top}" y2="${size.top}" />
      <line class="axis" x1="0" x2="${size.width}" y1="${size.top + drawn}" y2="${size.top + drawn}" />
      ${bars.map(
        (bar, index) =>
          html`<g>
            <title>${bar.name}: ${bar.value} ${value}, ${bar.marked} ${marked}</title>
            ${rect(index, bar.value, 'bar', width * 0.15)}${rect(index, bar.marked, 'bar failed', width * 1.2)}
          </g>`,
      )}
      ${bars.map((bar, index) => (index % labelEvery === 0 && x(index) <= size.width - labelRoom ? html`<text x="${x(index)}" y="${size.height - 4}">${bar.label}</text>` : null))}
    </svg>
    <details>
      <summary>${title} as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col" class="number">${value}</th>
            <th scope="col" class="number">${marked}</th>
          </tr>
        </thead>
        <tbody>
          ${bars.map(
            (bar) =>
              html`<tr>
                <th scope="row">${bar.name}</th>
                <td class="number">${bar.value}</td>
                <td class="number">${bar.marked}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`;
}
