/** The page of who is on call: each schedule, overrides and silences, and the forms that make and end them. Pure. */
import type { Shift } from '../../policy/on-call.js';
import { silenceKeys, type Override, type Silence } from '../../workflows/on-call-contract.js';
import { hiddenFields, inputField, selectField } from './fields.js';
import { html, type Html } from './html.js';
import { named, whoText } from './incident-parts.js';
import { shiftStrip, type WholeShift } from './shift-strip.js';
import { timeElement, type Clock } from './times.js';

export interface ShownSchedule {
  name: string;
  /** Now, in the zone of the schedule. */
  clock: Clock;
  now: Shift;
  next: Shift | null;
  /** Of the next 2 weeks. */
  shifts: readonly WholeShift[];
  overrides: readonly Override[];
}

/** A form that was refused, with what it held. */
export interface RefusedForm {
  form: 'override' | 'silence';
  /** The schedule of an override. */
  schedule?: string;
  values: Readonly<Record<string, string | undefined>>;
  /** The id of the form where nobody knows whether it was recorded: sent again it must be the same. Absent: a refusal is kept for an id, so that the next try needs another. */
  id?: string;
  /** The field that is wrong; null: none in particular. */
  field: string | null;
  message: string;
}

export interface OnCallPage {
  prefix: string;
  schedules: readonly ShownSchedule[];
  /** Null: they could not be read. */
  silences: readonly Silence[] | null;
  /** For times that are of no schedule. */
  clock: Clock;
  contacts: readonly string[];
  /** Absent: the reader may make and end nothing. `newId` gives the id of what a form makes. */
  form?: { csrf: string; newId: () => string };
  refused?: RefusedForm;
}

/** The main part of the page. */
export const onCallPage = (shown: OnCallPage): Html =>
  html`<h1>On call</h1>
    ${shown.silences === null && html`<p class="alarm">Temporal does not respond: overrides and silences are not known now, and this is by the escalation file alone.</p>`}
    ${shown.schedules.length === 0 && html`<p>The escalation file has no schedule: its steps page contacts by their keys.</p>`}
    ${shown.schedules.map((schedule) => scheduleSection(schedule, shown))} ${silencesSection(shown)}`;

function scheduleSection(schedule: ShownSchedule, shown: OnCallPage): Html {
  const { name, clock, now, next, shifts, overrides } = schedule;
  const id = `schedule-${name}`;
  return html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">${named(name)} <small>(${clock.zone})</small></h2>
    <p>
      <strong class="${now.contact === null ? 'alarm' : ''}"
        >${now.contact === null ? 'Nobody' : named(now.contact)}</strong
      >
      ${now.isOverride && ' (override)'}
      ${now.until !== null && html`until ${timeElement(now.until, clock)}, then ${next?.contact ? named(next.contact) : 'nobody'}`}
    </p>
    ${shiftStrip(name, shifts, clock)} ${shiftTable(schedule)} ${overrides.length > 0 && html`<h3>Overrides</h3>`}
    <ul class="plain">
      ${overrides.map((override) => overrideItem(override, clock, shown))}
    </ul>
    ${overrideForm(schedule, shown)}
  </section>`;
}

const mostShifts = 60;

const shiftTable = ({ name, shifts, clock }: ShownSchedule): Html =>
  html`<details id="shifts-${name}">
    <summary>The next 2 weeks of ${named(name)}</summary>
    <table class="lines">
      <thead>
        <tr>
          <th scope="col">From</th>
          <th scope="col">Until</th>
          <th scope="col">On call</th>
        </tr>
      </thead>
      <tbody>
        ${shifts.slice(0, mostShifts).map(
          ({ from, until, contact, isOverride }) =>
            html`<tr>
              <td>${timeElement(from, clock)}</td>
              <td>${timeElement(until, clock)}</td>
              <td>
                ${contact === null ? html`<span class="alarm">nobody</span>` : named(contact)}${isOverride && ' (override)'}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${shifts.length > mostShifts && html`<p class="soft">and ${shifts.length - mostShifts} more</p>`}
  </details>`;

const overrideItem = ({ id, schedule, contact, from, to, by }: Override, clock: Clock, shown: OnCallPage): Html =>
  html`<li class="row">
    <span
      >${named(contact)} from ${timeElement(from, clock)} to ${timeElement(to, clock)}
      <small>by ${named(whoText(by))}</small></span
    >
    ${endForm('overrides', { id, schedule }, `the override of ${contact}`, shown)}
  </li>`;

function endForm(
  what: 'overrides' | 'silences',
  ids: { id: string; schedule?: string },
  name: string,
  { prefix, form }: OnCallPage,
) {
  if (!form) return null;
  return html`<form method="post" action="${prefix}/on-call/${what}/end" class="end">
    ${hiddenFields({ _csrf: form.csrf, ...ids })}<button id="end-${ids.id}">
      End<span class="only-read"> ${name}</span>
    </button>
  </form>`;
}

function overrideForm({ name, clock }: ShownSchedule, { prefix, contacts, form, refused }: OnCallPage): Html | null {
  if (!form) return null;
  const own = refused?.form === 'override' && refused.schedule === name ? refused : undefined;
  const field = (key: string, label: string) => ({
    name: key,
    label,
    idPrefix: `${name}-`,
    value: own?.values[key],
    wrong: own?.field === key ? own.message : undefined,
  });
  const options = ['', ...contacts].map((key) => ({ value: key, text: key }));
  return html`<details id="override-${name}" ${own !== undefined && ' open'}>
    <summary>Put somebody else on call for ${named(name)}</summary>
    <form method="post" action="${prefix}/on-call/overrides" class="inline">
      ${hiddenFields({ _csrf: form.csrf, id: own?.id ?? form.newId(), schedule: name })}
      ${selectField({ ...field('contact', 'Contact'), options, required: true })}
      ${inputField({ ...field('from', 'From'), type: 'datetime-local', required: true, hint: clock.zone })}
      ${inputField({ ...field('to', 'To'), type: 'datetime-local', required: true, hint: clock.zone })}
      <button>Make the override</button>
    </form>
  </details>`;
}

function silencesSection(shown: OnCallPage): Html {
  const { silences, clock } = shown;
  return html`<section class="card" aria-labelledby="silences">
    <h2 id="silences">Silences <small>(${clock.zone})</small></h2>
    <p class="soft">What matches is recorded, and nobody is paged for it.</p>
    ${silences === null && html`<p class="alarm">Not known now.</p>`} ${silences?.length === 0 && html`<p>None.</p>`}
    <ul class="plain">
      ${(silences ?? []).map((silence) => silenceItem(silence, clock, shown))}
    </ul>
    ${silenceForm(shown)}
  </section>`;
}

function silenceItem({ id, match, from, to, reason, by }: Silence, clock: Clock, shown: OnCallPage): Html {
  const patterns = silenceKeys.flatMap((key) => (match[key] === undefined ? [] : [html`${key} ${named(match[key])}`]));
  return html`<li class="row">
    <span>
      <strong>${patterns.map((pattern, index) => html`${index > 0 && ', '}${pattern}`)}</strong> from
      ${timeElement(from, clock)} to ${timeElement(to, clock)}: ${named(reason)} <small>by ${named(whoText(by))}</small>
    </span>
    ${endForm('silences', { id }, `the silence of ${Object.values(match).join(', ')}`, shown)}
  </li>`;
}

const matchFields = {
  item: { label: 'Item', hint: 'Its name, such as Sales*' },
  project: { label: 'Project', hint: 'Its path, such as Finance/**' },
  tag: { label: 'Tag', hint: 'One of its tags' },
  site: { label: 'Site', hint: 'Its LUID, or the name of ours' },
  event: { label: 'Event', hint: 'Such as *RefreshFailed' },
} as const;

function silenceForm({ prefix, form, refused }: OnCallPage): Html | null {
  if (!form) return null;
  const own = refused?.form === 'silence' ? refused : undefined;
  const field = (key: string, { label, hint }: { label: string; hint?: string }) => ({
    name: key,
    label,
    ...(hint !== undefined && { hint }),
    idPrefix: 'silence-',
    value: own?.values[key],
    wrong: own?.field === key ? own.message : undefined,
  });
  const wrongMatch = own?.field === 'match' ? own.message : undefined;
  return html`<details id="silence" ${own !== undefined && ' open'}>
    <summary>Silence something</summary>
    <form method="post" action="${prefix}/on-call/silences">
      ${hiddenFields({ _csrf: form.csrf, id: own?.id ?? form.newId() })}
      <fieldset>
        <legend>What matches all of these (* stands for anything)</legend>
        ${wrongMatch !== undefined && html`<p class="wrong">${wrongMatch}</p>`}
        <div class="inline">
          ${silenceKeys.map((key) => inputField({ ...field(key, matchFields[key]), maxlength: 128 }))}
        </div>
      </fieldset>
      <div class="inline">
        ${inputField({ ...field('for', { label: 'For', hint: 'Such as 30m, 2h or 1d12h' }), required: true, maxlength: 20 })}
        ${inputField({ ...field('reason', { label: 'Reason', hint: 'Shown to whoever is concerned' }), required: true, maxlength: 200 })}
        <button>Silence it</button>
      </div>
    </form>
  </details>`;
}
