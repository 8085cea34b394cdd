/** Alarms as a list: for strangers codes and counts, for whoever is signed in what to do and whom each concerns. */
import { whatToDo } from '../health/advice.js';
import type { Concerned, KnownAlarm } from '../health/alarm.js';
import { html, type Html } from './html.js';
import { timeElement, type Clock } from './times.js';

const counted = (contacts: number): string => (contacts === 1 ? '1 contact' : `${contacts} contacts`);

/** `ana (sms, call), lead` */
export function concernedText(concerns: readonly Concerned[]): string {
  const channels = new Map<string, string[]>();
  for (const { contact, channel } of concerns)
    channels.set(contact, [...(channels.get(contact) ?? []), ...(channel === undefined ? [] : [channel])]);
  return [...channels].map(([contact, by]) => (by.length > 0 ? `${contact} (${by.join(', ')})` : contact)).join(', ');
}

interface Options {
  clock: Clock;
  /** Whether the reader is signed in. */
  isKnown: boolean;
}

function alarmItem({ code, message, since, contacts, concerns }: KnownAlarm, { clock, isKnown }: Options): Html {
  const whom = isKnown && concerns ? concernedText(concerns) : contacts === undefined ? null : counted(contacts);
  const aside = [
    since === undefined ? null : html`since ${timeElement(since, clock)}`,
    whom === null ? null : html`${whom}`,
  ];
  const [first, second] = aside.filter((part) => part !== null);
  return html`<li>
    <span class="alarm">${message}</span> <code>${code}</code>
    ${isKnown ? html`<br />${whatToDo(code)}` : null}
    ${first ? html`<br /><small>${first}${second ? html` · ${second}` : null}</small>` : null}
  </li>`;
}

/** The section of a page. */
export const alarmList = (alarms: readonly KnownAlarm[], options: Options): Html =>
  html`<section class="card" aria-labelledby="alarms">
    <h2 id="alarms">Alarms</h2>
    <ul class="plain">
      ${alarms.length === 0 ? html`<li class="ok">None. All is well.</li>` : alarms.map((alarm) => alarmItem(alarm, options))}
    </ul>
  </section>`;
