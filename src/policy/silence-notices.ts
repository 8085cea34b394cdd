/** Whom a silence concerns, and what they get a notice of: its beginning and its end. Pure. */
import type { TextChannel } from '../workflows/channels.js';
import { nameOf, quoted, sentenceOf } from '../workflows/names.js';
import {
  silenceKeys,
  type Override,
  type Silence,
  type SilenceConcerned,
  type SilenceMatch,
  type SilenceRequest,
} from '../workflows/on-call-contract.js';
import { isReference } from '../workflows/references.js';
import { firstThatFits } from '../workflows/words.js';
import { dayTimeText } from './local-time.js';
import { dutyAt } from './on-call.js';
import { noticeChannelOf, withAllOverrides } from './overrides.js';
import type { Escalation } from './route.js';
import { timezoneOf } from './timezone-of.js';

/** 200 silences and their texts have to fit in what the workflow `on-call` hands over. */
const mostConcerned = 10;
const reasonRoom = 60;

/**
 * A silence with the texts for everybody whom it concerns.
 * @param made the overrides that there are besides those of the file
 * @param sender the contact who makes it by text: the confirmation says what begins, so that only its end is a notice
 */
export function silenceRequest(
  escalation: Escalation,
  silence: Silence,
  { made, sender }: { made: readonly Override[]; sender?: string },
): SilenceRequest {
  const contacts = [...(sender === undefined ? [] : [sender]), ...concernedBy(escalation, silence, made)];
  const concerned = [...new Set(contacts)].flatMap((contact): SilenceConcerned[] => {
    const channel = noticeChannelOf(escalation, contact);
    if (channel === undefined) return [];
    const started = contact === sender ? {} : { started: startText(escalation, silence, contact, channel) };
    return [{ contact, channel, ...started, ...endTexts(silence, channel) }];
  });
  return { silence, concerned: concerned.slice(0, mostConcerned) };
}

/** Whoever is on call by a schedule when it begins or ends, then the contacts whom the first steps of the policies name. */
function concernedBy(escalation: Escalation, { from, to }: Silence, made: readonly Override[]): string[] {
  const schedules = Object.values(withAllOverrides(escalation, made).schedules ?? {});
  const onCall = [from, to].flatMap((at) => schedules.flatMap((schedule) => dutyAt(schedule, at).contact ?? []));
  const named = Object.values(escalation.policies).flatMap(({ steps: [first] }) => first?.page ?? []);
  return [...onCall, ...named.filter((entry) => !isReference(entry))];
}

/** `lead has silenced project "Finance/**" until Wed 15:00 (Europe/Berlin). Upgrade of the warehouse.` */
function startText(escalation: Escalation, silence: Silence, contact: string, channel: TextChannel): string {
  const { match, from, to, by, reason } = silence;
  const who = by === 'api' ? 'The API' : nameOf(by);
  const text = `${who} has silenced ${silencedText(match)} until ${untilText(escalation, contact, to, from)}.`;
  return firstThatFits([`${text} ${sentenceOf(reason, reasonRoom)}`.trimEnd(), text], channel);
}

/** An incident notices an early end when it next looks. */
function endTexts({ match }: Silence, channel: TextChannel): Pick<SilenceConcerned, 'ended' | 'endedEarly'> {
  const text = (end: string): string => firstThatFits([`The silence of ${silencedText(match)} ${end}`], channel);
  return {
    ended: text('is over: what is still broken and taken by nobody is paged now.'),
    endedEarly: text('was ended early: what is still broken and taken by nobody is paged within 5 minutes.'),
  };
}

/** `project "Finance/**"`, `every item named "Sales"`, `what matches item "Sales*" and tag "gold"`; without what a phone makes a link of. */
export function silencedText(match: SilenceMatch): string {
  const patterns = silenceKeys.flatMap((key) => (match[key] === undefined ? [] : [{ key, pattern: match[key] }]));
  const [only, ...more] = patterns;
  if (only && more.length === 0)
    return `${only.key === 'item' ? 'every item named' : only.key} ${quoted(only.pattern, 60)}`;
  return `what matches ${patterns.map(({ key, pattern }) => `${key} ${quoted(pattern, 24)}`).join(' and ')}`;
}

/** `Sat 06:00 (Europe/Berlin)`, on the clock of the contact. @param now when the text is read */
export function untilText(escalation: Escalation, contact: string, to: number, now: number): string {
  const timezone = timezoneOf(escalation, contact);
  return `${dayTimeText(to, timezone, now)} (${timezone})`;
}
