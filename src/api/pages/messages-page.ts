/** The page of messages and calls: a form with the filters, and a row for each with every status. Pure. */
import type { Progress } from '../../history/archive.js';
import { outcomes, type Outcome } from '../../history/recorded-message.js';
import { isComplete } from '../../report/notes.js';
import { channelName } from '../../workflows/channels.js';
import { channels } from '../../workflows/contract.js';
import { fit } from '../../workflows/words.js';
import type { MessageFilters, MessageRow } from '../history/message-list.js';
import { selectField, type Option } from './fields.js';
import { html, type Html } from './html.js';
import { named } from './incident-parts.js';
import { any, contactField, filterForm, pageLinks, type ListPages } from './list-parts.js';
import { incidentPath } from './paths.js';
import { costText } from './report-texts.js';
import { timeElement, type Clock } from './times.js';

interface MessagesPage {
  prefix: string;
  clock: Clock;
  rows: readonly MessageRow[];
  found: number;
  progress: Progress;
  /** Sentences on what is missing. */
  notes: readonly string[];
  currency: string | null;
  given: MessageFilters & { since: string };
  /** Keys, for the filter. */
  contacts: readonly string[];
  pages: ListPages;
}

export function messagesPage(shown: MessagesPage): Html {
  const { prefix, rows, found, progress, notes, pages } = shown;
  return html`<h1>Messages and calls</h1>
    ${filters(shown)} ${progressText(progress)} ${notes.map((note) => html`<p class="soft">${note}</p>`)}
    ${
      found === 0
        ? html`<p>No message or call fits.</p>`
        : html`<p class="soft" id="count">${found === 1 ? 'One message or call' : `${found} messages and calls`}</p>`
    }
    ${rows.length > 0 && table(shown)} ${pageLinks(`${prefix}/messages`, pages, { first: 'Newest', next: 'Older' })}`;
}

function progressText(progress: Progress): Html | null {
  if (isComplete(progress)) return null;
  const { read, of } = progress;
  return html`<p class="waiting">
    Still being read: ${of === null ? 'contacts are being counted' : `${read} of ${of} contacts read`}.
  </p>`;
}

const outcomeTexts: Readonly<Record<Outcome, string>> = {
  arrived: 'Arrived',
  failed: 'Failed',
  withdrawn: 'Ended, for nobody needed it',
  open: 'No end reported',
};
const outcomeClass = { arrived: 'ok', failed: 'alarm', withdrawn: 'soft', open: 'waiting' } as const;

const sinceOptions: readonly Option[] = [
  { value: '1h', text: 'In the last hour' },
  { value: '24h', text: 'In the last 24 hours' },
  { value: '7d', text: 'In the last 7 days' },
  { value: '30d', text: 'In the last 30 days' },
  { value: '90d', text: 'In the last 90 days' },
];

const filters = ({ prefix, given, contacts }: MessagesPage): Html =>
  filterForm({
    action: `${prefix}/messages`,
    isFiltered: [given.contact, given.channel, given.status].some((one) => one !== undefined),
    fields: [
      contactField({ value: given.contact, contacts }),
      selectField({
        name: 'channel',
        label: 'Channel',
        value: given.channel,
        options: [any(), ...channels.map((channel) => ({ value: channel, text: channelName(channel) }))],
      }),
      selectField({
        name: 'status',
        label: 'Outcome',
        value: given.status,
        options: [any(), ...outcomes.map((outcome) => ({ value: outcome, text: outcomeTexts[outcome] }))],
      }),
      selectField({ name: 'since', label: 'Sent', value: given.since, options: sinceOptions }),
    ],
  });

const table = ({ rows, prefix, clock, currency }: MessagesPage): Html =>
  html`<table class="cards">
    <thead>
      <tr>
        <th scope="col">When</th>
        <th scope="col">To</th>
        <th scope="col">About</th>
        <th scope="col">Status</th>
        <th scope="col">At Twilio</th>
        <th scope="col" class="number">${currency === null ? 'Cost' : `Cost (${currency})`}</th>
      </tr>
    </thead>
    <tbody>
      ${rows.map((row) => rowOf(row, prefix, clock))}
    </tbody>
  </table>`;

const rowOf = (row: MessageRow, prefix: string, clock: Clock): Html =>
  html`<tr>
    <th scope="row">${timeElement(row.at, clock)}</th>
    <td data-label="To">${row.contact} · ${channelName(row.channel)}</td>
    <td data-label="About">${about(row, prefix)}</td>
    <td data-label="Status">${statusOf(row, clock)}</td>
    <td data-label="At Twilio">${consoleLink(row)}</td>
    <td data-label="Cost" class="number">${costText(row.cost)}</td>
  </tr>`;

const mostItems = 3;
const mostName = 60;

function about({ items }: MessageRow, prefix: string): Html {
  if (items.length === 0) return html`<span class="soft">a notice or an answer</span>`;
  const shown = items
    .slice(0, mostItems)
    .map(
      ({ incident, name }, index) =>
        html`${index > 0 && ', '}<a href="${prefix}${incidentPath(incident)}">${named(fit(name, mostName))}</a>`,
    );
  const more = items.length - mostItems;
  return html`${shown}${more > 0 && ` and ${more} more`}`;
}

function statusOf({ attempt, channel, outcome, status, statuses, answered, tries }: MessageRow, clock: Clock): Html {
  const word =
    outcome === 'open' && status !== null
      ? status
      : outcome === 'arrived' && channel === 'call'
        ? 'Picked up'
        : outcomeTexts[outcome];
  const answer = answered && html`, <span class="ok">answered by ${answered.by}</span>`;
  return html`<details id="message-${attempt}">
    <summary><span class="${outcomeClass[outcome]}">${word}</span>${answer}</summary>
    <ol class="plain">
      ${statuses.map(
        (one) =>
          html`<li>${timeElement(one.at, clock)} ${one.status}${one.code !== undefined && ` (${one.code})`}</li>`,
      )}
      ${answered && html`<li>${timeElement(answered.at, clock)} answered by ${answered.by}</li>`}
    </ol>
    ${tries > 1 && html`<p class="soft">${tries} tries</p>`}
  </details>`;
}

/** The log of one message or call in Twilio's console. */
const consoleAddress = { SM: 'sms/logs', MM: 'sms/logs', CA: 'voice/calls/logs' } as const;

function consoleLink({ sid }: MessageRow): Html {
  if (sid === null) return html`<span class="soft">none</span>`;
  const [, kind] = /^(SM|MM|CA)[0-9a-f]{32}$/.exec(sid) ?? [];
  const path = kind === 'SM' || kind === 'MM' || kind === 'CA' ? consoleAddress[kind] : null;
  return path === null
    ? html`<code>${sid}</code>`
    : html`<a href="https://www.twilio.com/console/${path}/${sid}"><code>${sid}</code></a>`;
}
