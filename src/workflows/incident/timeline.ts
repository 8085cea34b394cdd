/** What happened to an incident: an entry of its timeline and, for what was decided, a line of the log. */
import type { LogLine } from '../machine.js';
import { noteEntry } from './changes.js';
import { fit } from '../words.js';
import { addToTimeline, type Incident } from './state.js';

/** Longer texts lose their middle: all of the timeline has to fit in a memo. */
const maxText = 300;

/** What becomes a line of the log: decisions. The pager logs pages and replies, the api events. */
const logged: Readonly<Record<string, string>> = {
  opened: 'incident opened',
  reopened: 'incident reopened',
  step: 'step taken',
  restarted: 'escalation starts again',
  ended: 'escalation ended',
  triggered: 'escalation starts again',
  acknowledged: 'incident acknowledged',
  resolved: 'incident resolved',
  recovered: 'incident recovered',
  deleted: 'incident recovered',
  'not-promised': 'incident no longer promised',
  snoozed: 'incident snoozed',
  silenced: 'incident silenced',
  rerun: 'refresh run again',
  reminded: 'contact reminded',
  routed: 'policy chosen',
  ignored: 'incident ignored',
  skipped: 'step cut short',
  nobody: 'nobody to page',
  'handed-over': 'schedule handed over',
  forgotten: 'incident forgotten',
};

/** For the log alone: role keys, counts and codes. */
export function logDecision(incident: Incident, type: string, about: LogLine['about'] = {}): void {
  const message = logged[type];
  if (message !== undefined) incident.logLines.push({ level: 'info', message, about });
}

/**
 * @param type a word that scripts can match, see `TimelineEntry`
 * @param text a sentence for people: no phone number, no owner's name and no name that somebody gave, since it stands in the memo
 * @param about fields of the line of the log
 */
export function record(incident: Incident, now: number, type: string, text: string, about?: LogLine['about']): void {
  logDecision(incident, type, about);
  noteEntry(incident, now, type, about ?? {});
  addToTimeline(incident, { at: new Date(now).toISOString(), type, text: fit(text, maxText) });
}
