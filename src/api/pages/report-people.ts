/** What each person got and did, as a table. Pure. */
import type { PersonView, ReportView } from '../../report/schema.js';
import { html, type Html } from './html.js';
import { costText, timeText } from './report-texts.js';

const against = (count: number, before: number | undefined): string =>
  before === undefined ? String(count) : `${count} (${before})`;

export function peopleTable({ people, currency }: ReportView): Html | null {
  if (people.length === 0) return null;
  return html`<section class="card" aria-label="By person">
    <table class="cards">
      <caption>
        By person; in brackets the time before
      </caption>
      <thead>
        <tr>
          <th scope="col">Contact</th>
          <th scope="col" class="number">Wakings</th>
          <th scope="col" class="number">Taken</th>
          <th scope="col" class="number">Taken in</th>
          <th scope="col" class="number">WhatsApp</th>
          <th scope="col" class="number">SMS</th>
          <th scope="col" class="number">Calls</th>
          ${currency !== null && html`<th scope="col" class="number">Cost (${currency})</th>`}
        </tr>
      </thead>
      <tbody>
        ${people.map((person) => rowOf(person, currency !== null))}
      </tbody>
    </table>
  </section>`;
}

const rowOf = (
  { contact, wakings, acknowledged, toAcknowledge, sent, cost, before }: PersonView,
  hasCost: boolean,
): Html =>
  html`<tr>
    <th scope="row">${contact ?? 'others, by a page or a script'}</th>
    <td data-label="Wakings" class="number">${against(wakings, before?.wakings)}</td>
    <td data-label="Taken" class="number">${against(acknowledged, before?.acknowledged)}</td>
    <td data-label="Taken in" class="number">${timeText(toAcknowledge.medianSeconds)}</td>
    <td data-label="WhatsApp" class="number">${sent.whatsapp}</td>
    <td data-label="SMS" class="number">${sent.sms}</td>
    <td data-label="Calls" class="number">${sent.call}</td>
    ${hasCost && html`<td data-label="Cost" class="number">${costText(cost)}</td>`}
  </tr>`;
