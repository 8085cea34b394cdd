/**
 * The label of a data source in Tableau, which tells readers that it is stale: an effect of the incident, tried again until it is done. Nothing
 * else waits for it but the end of the incident, for a bounded time.
 */
import { day, minute, second, type Labelling } from '../contract.js';
import type { LabelActivities, LabelResult } from '../label-contract.js';
import type { ActivityEffect } from '../machine.js';
import { newLabel, type Label } from './label-state.js';
import { labelText } from './label-text.js';
import type { InFlight } from './request-state.js';
import type { Decision } from './next.js';
import { isOpen, nextId, type Incident } from './state.js';
import { record } from './timeline.js';

export type LabelCall = { activity: 'setLabel'; input: Parameters<LabelActivities['setLabel']>[0] };
type Setting = Extract<InFlight, { activity: 'setLabel' }>;

/** Pauses between two tries; the last one repeats. */
const pausesMs = [10 * second, 30 * second, minute, 2 * minute, 5 * minute, 15 * minute] as const;
/** From the first try for what is wanted. */
const giveUpAfterMs = day;

/** An event says that labels are on. */
export function beginLabelling(incident: Incident, labelling: Labelling | undefined): void {
  if (!labelling || incident.item.kind !== 'datasource') return;
  incident.label = { ...newLabel(labelling), ...incident.label, who: labelling.who };
}

/** What the label is to say; null: there is to be none. A function of the state alone. */
export function wantedLabel(incident: Incident): string | null {
  const { label, cancelling, episode } = incident;
  if (label === null || cancelling || !isOpen(incident) || !isNoticed(incident)) return null;
  return label.takenAwayIn === episode ? null : labelText(incident, label);
}

/** Somebody was paged, or has it, or the item is missing: a silence keeps readers as undisturbed as contacts. */
const isNoticed = ({ event, state, pages }: Incident): boolean =>
  event === 'RefreshMissing' ||
  state !== 'triggered' ||
  pages.some(({ status, why }) => status !== 'requested' && why !== 'silenced');

/** Whether Tableau shows something else than it should, as far as is known. */
function isLeft({ label }: Incident, wanted: string | null): boolean {
  if (label === null) return false;
  return wanted === null ? label.mayShow : wanted !== label.settled;
}

const setting = ({ inFlight }: Incident): Setting | undefined =>
  inFlight.find((one): one is Setting => one.activity === 'setLabel');

/** When the label is tried again; null while nothing is left to be done, or a try runs. */
export function labelAt(incident: Incident): number | null {
  const { label } = incident;
  if (label === null || setting(incident) || !isLeft(incident, wantedLabel(incident))) return null;
  return label.retryAt;
}

/** One try at a time, when its time has come. */
export function beginLabel(incident: Incident, now: number): ActivityEffect<LabelCall>[] {
  const { label, item, detail } = incident;
  const text = wantedLabel(incident);
  if (label === null || setting(incident) || !isLeft(incident, text)) return [];
  if (label.trying?.text !== text || label.trying === null) {
    label.trying = { text, since: now, failures: 0 };
    // What is stale no more is not to be called so for longer than it takes.
    if (text === null) label.retryAt = null;
  }
  if (now >= label.trying.since + giveUpAfterMs) {
    giveUpLabel(incident, now);
    return [];
  }
  if (label.retryAt !== null && label.retryAt > now) return [];
  const { labelId } = label;
  label.retryAt = null;
  // Until the result is known it may be shown; then another text is no copy.
  if (text !== null) label.mayShow = true;
  const id = nextId(incident, 'label');
  incident.inFlight.push({ id, activity: 'setLabel', text });
  const input = { item, text, labelId, downstreamWorkbooks: detail?.downstreamWorkbooks ?? 0 };
  const summary = text === null ? 'Remove the label in Tableau' : 'Set the label in Tableau';
  return [{ type: 'activity', id, call: { activity: 'setLabel', input }, summary }];
}

export function applyLabel(incident: Incident, { text }: Setting, result: LabelResult, now: number): void {
  const { label } = incident;
  if (label === null) return;
  switch (result.did) {
    case 'set':
      settle(label, text);
      label.labelId = result.labelId;
      label.refusedAt = null;
      record(incident, now, 'labelled', `Labelled in Tableau: ${text ?? ''}`);
      break;
    case 'removed':
      settle(label, null);
      noneShown(label);
      label.refusedAt = null;
      record(incident, now, 'unlabelled', 'Its label in Tableau was removed');
      break;
    case 'left':
      settle(label, text);
      noneShown(label);
      if (result.because === 'taken-away') label.takenAwayIn = incident.episode;
      record(incident, now, 'label-left', `No label in Tableau: ${reasons[result.because]}`);
      break;
    case 'refused':
      applyRefusal(incident, label, text, result.why, now);
      break;
    case 'later':
      tryAgain(label, now, result.afterMs);
  }
}

const reasons: Record<Extract<LabelResult, { did: 'left' }>['because'], string> = {
  'not-ours': 'somebody else has set one',
  monitored: "Tableau's own monitoring shows one",
  'taken-away': 'somebody took ours away',
  'other-site': 'it is of another site than ours',
  'unknown-item': 'Tableau does not know it any more',
  off: 'labels are off in the escalation file',
};

function settle(label: Label, text: string | null): void {
  label.settled = text;
  label.trying = null;
  label.retryAt = null;
}

function noneShown(label: Label): void {
  label.mayShow = false;
  label.labelId = null;
}

/** It is given up. A label that was set before is still to be removed, unless that is what was refused. */
function applyRefusal(incident: Incident, label: Label, text: string | null, why: string, now: number): void {
  const isShown = label.labelId !== null && text !== null;
  settle(label, text);
  if (!isShown) noneShown(label);
  label.refusedAt ??= now;
  record(incident, now, 'label-refused', `Tableau refuses labels: ${why}`);
}

function tryAgain(label: Label, now: number, afterMs?: number): void {
  const failures = label.trying?.failures ?? 0;
  label.retryAt = now + (afterMs ?? pausesMs[Math.min(failures, pausesMs.length - 1)] ?? minute);
  if (afterMs === undefined && label.trying) label.trying.failures += 1;
}

/** No worker gave a result: it may have been set or not. */
export function applyLabelFailure(incident: Incident, why: string, now: number): void {
  const { label } = incident;
  if (label === null) return;
  incident.logLines.push({ level: 'warn', message: 'The label in Tableau could not be set', about: { error: why } });
  tryAgain(label, now);
}

/** An incident that would end waits until its label is gone. */
export function waitForLabel(incident: Incident, now: number): Decision | null {
  const { label } = incident;
  const what = 'Its label in Tableau is being removed';
  if (label === null) return null;
  if (setting(incident)) return { do: 'wait', until: null, what };
  if (!isLeft(incident, wantedLabel(incident))) return null;
  const until = (label.trying?.text === null ? label.trying.since : now) + giveUpAfterMs;
  return now < until ? { do: 'wait', until, code: 'label-given-up', what } : null;
}

/** Nobody could set or remove it in a day. */
export function giveUpLabel(incident: Incident, now: number): void {
  const { label } = incident;
  const text = wantedLabel(incident);
  if (label === null || !isLeft(incident, text)) return;
  const message =
    text === null
      ? 'The label of a data source could not be removed in Tableau within a day'
      : 'A data source could not be labelled in Tableau within a day';
  incident.logLines.push({ level: 'error', message, about: { alarm: 'label-given-up', luid: incident.item.luid } });
  record(incident, now, 'label-given-up', message);
  settle(label, text);
  if (text === null) noneShown(label);
}

/** That Tableau refuses labels stands in the memo, where the api finds it: what changed of that. */
export function labelRefusal({ label }: Incident): Record<string, unknown> {
  if (label === null || label.publishedRefusal === label.refusedAt) return {};
  const { refusedAt } = label;
  label.publishedRefusal = refusedAt;
  return { labelsRefused: refusedAt === null ? null : new Date(refusedAt).toISOString() };
}
