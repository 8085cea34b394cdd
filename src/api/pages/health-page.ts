/** The page at `/health`: what is wrong and what to do about it, and how each contact is reached. */
import { channelName, channelWord } from '../../workflows/channels.js';
import { mostEnded } from '../../workflows/sessions-contract.js';
import type { ChannelHealth, HealthReport } from '../health/health-report.js';
import { alarmList } from './alarm-list.js';
import { html, type Html } from './html.js';
import { page, type Frame, type Navigation } from './layout.js';
import { timeElement, type Clock } from './times.js';

export interface HealthPage {
  report: HealthReport;
  prefix: string;
  navigation: Navigation;
  /** The address, with the prefix, of its live events. */
  live: string;
  clock: Clock;
  /** Whether the reader may send test pages and end sessions. */
  isAdmin: boolean;
  /** For each form its own, so that the same form sent twice does it once. */
  newId: () => string;
  notice?: NonNullable<Frame['notice']>;
}

const good = new Set(['reachable', 'polling', 'found', 'approved']);
const bad = new Set(['unavailable', 'none', 'missing', 'disabled', 'refused']);
const classOf = (state: string): string => (good.has(state) ? 'ok' : bad.has(state) ? 'alarm' : 'waiting');

const parts = [
  ['Temporal', 'temporal'],
  ['Workers', 'workers'],
  ["Tableau's webhooks", 'webhooks'],
  ['WhatsApp template', 'template'],
] as const;

const partList = (report: HealthReport): Html =>
  html`<section class="card" aria-labelledby="parts">
    <h2 id="parts">Parts</h2>
    <ul class="plain">
      ${parts.map(([title, key]) => {
        const { state, text } = report[key];
        return html`<li>${title}: <span class="${classOf(state)}">${state}</span><br /><small>${text}</small></li>`;
      })}
      <li>Version ${report.version}</li>
    </ul>
  </section>`;

const meanings: Readonly<Record<string, string>> = {
  'contact-stopped': 'has replied STOP',
  'contact-refused': 'Twilio refuses the number',
};

function stateOf({ problems, isUsed, isKnown }: ChannelHealth, clock: Clock): Html {
  if (!isKnown) return html`<span class="waiting">unknown</span>`;
  if (problems.length === 0)
    return isUsed
      ? html`<span class="ok">no problem known</span>`
      : html`<span class="soft">no step pages by it</span>`;
  return html`${problems.map(
    ({ code, since }) =>
      html`<span class="${isUsed ? 'alarm' : 'waiting'}">${meanings[code] ?? 'hourly limit reached'}</span>
        <small>since ${timeElement(since, clock)}</small> `,
  )}`;
}

function testForm({ contact, channel }: ChannelHealth, { prefix, navigation, newId }: HealthPage): Html {
  const what = `${channelWord(channel)} to ${contact}`;
  return html`<form method="post" action="${prefix}/health/test-page">
    <input type="hidden" name="_csrf" value="${navigation.csrf}" /><input type="hidden" name="id" value="${newId()}" />
    <input type="hidden" name="contact" value="${contact}" /><input type="hidden" name="channel" value="${channel}" />
    <button id="test-${contact}-${channel}">Send a test<span class="only-read"> by ${what}</span></button>
  </form>`;
}

const channelItem = (one: ChannelHealth, health: HealthPage): Html =>
  html`<li class="row">
    <span>${channelName(one.channel)}:</span>
    <span>${stateOf(one, health.clock)}</span> ${health.isAdmin && testForm(one, health)}
  </li>`;

const ofContact = (contact: string, health: HealthPage): Html =>
  html`<h3>${contact}</h3>
    <ul class="plain">
      ${health.report.channels.filter((one) => one.contact === contact).map((one) => channelItem(one, health))}
    </ul>`;

function channelList(health: HealthPage): Html {
  const contacts = [...new Set(health.report.channels.map(({ contact }) => contact))];
  return html`<section class="card" aria-labelledby="channels">
    <h2 id="channels">How contacts are reached</h2>
    ${contacts.map((contact) => ofContact(contact, health))}
    ${
      health.isAdmin
        ? html`<p class="soft">
            A test is one real text or call that says so. WhatsApp takes it within 24 h of the contact's last message to
            us; after that it comes by SMS, and the command <code>tableau-webhooks page</code> tries the template.
          </p>`
        : null
    }
  </section>`;
}

const endSessionsForm = ({ prefix, navigation }: HealthPage): Html =>
  html`<section class="card" aria-labelledby="sessions">
    <h2 id="sessions">End sessions</h2>
    <form method="post" action="${prefix}/health/end-sessions">
      <input type="hidden" name="_csrf" value="${navigation.csrf}" />
      <p class="field">
        <label>Whose <input id="who" name="who" required maxlength="254" autocomplete="off" spellcheck="false" /></label
        ><small>A contact key, an e-mail address, or the name given with the API token. All their sessions end.</small>
      </p>
      <button id="end-sessions">End all their sessions</button>
    </form>
    <p class="soft">
      Beyond ${mostEnded.sessions} sign-outs, or ${mostEnded.people} names and addresses whose sessions were ended here,
      within 12 hours, everybody's sessions that began as early as the oldest of these end, too.
    </p>
  </section>`;

/** The whole page. */
export function healthPage(health: HealthPage): string {
  const { report, prefix, navigation, live, clock, isAdmin, notice } = health;
  return page({
    title: 'Health',
    prefix,
    live,
    navigation,
    ...(notice && { notice }),
    main: html`<div class="narrow">
      <h1>Health</h1>
      ${alarmList(report.alarms, { clock, isKnown: true })} ${partList(report)} ${channelList(health)}
      ${isAdmin ? endSessionsForm(health) : null}
    </div>`,
  });
}
