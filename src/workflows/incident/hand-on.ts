/** Whoever has seen the incident on a page hands it to another contact, or tells the owner of the item. */
import { minute, type AnswerResult, type Policy, type Step } from '../contract.js';
import { isTextChannel } from '../channels.js';
import { quoted, sentenceOf } from '../names.js';
import { ago, firstThatFits, kindName, roleOnly, whatHappened } from '../words.js';
import { startEscalation, withdrawUnsent } from './escalation.js';
import { nextNoticeId, withdrawal } from './pager-messages.js';
import type { GivenAnswer } from './answer-state.js';
import { holderOf, informedContacts, release, type Incident } from './state.js';
import { record } from './timeline.js';

/** How long each channel of whoever it is handed to waits for an answer. */
const handWaitMs = 5 * minute;

/**
 * Pages another contact by all their channels, before the steps of the policy: until they take it nobody has it, and where they do not, the
 * escalation goes on as if nobody had answered.
 */
export function handOn(incident: Incident, { by, contact, to }: GivenAnswer, now: number): AnswerResult {
  const { policy } = incident;
  if (policy === null || to === undefined || to.channels.length === 0) return 'closed';
  const holder = holderOf(incident);
  record(incident, now, 'handed-on', `${roleOnly(by)} hands it to ${to.contact}`, { by: roleOnly(by), to: to.contact });
  withdrawUnsent(incident, now);
  const handed = to.channels.map((channel): Step => {
    return { page: [to.contact], by: channel, waitMs: handWaitMs, isHanded: true };
  });
  incident.policy = { ...policy, steps: [...handed, ...stepsOfFile(policy)] };
  release(incident);
  incident.rerun = null;
  incident.failedRerun = null;
  startEscalation(incident, now, now, 0);
  // It is no longer on the list of whoever handed it on, nor of whoever had it.
  const had = informedContacts(incident).filter((one) => one === (holder?.contact ?? holder?.by));
  const payload = {
    ...withdrawal(incident, incident.lastPage),
    settled: { how: 'acknowledged', by: to.contact } as const,
  };
  for (const one of new Set([...(contact === undefined ? [] : [contact]), ...had]))
    if (one !== to.contact) incident.outgoing.push({ contact: one, signal: 'withdraw', payload });
  return 'handed';
}

export const stepsOfFile = ({ steps }: Policy): Step[] => steps.filter(({ isHanded }) => !isHanded);

/** Another policy for an incident: whoever it was handed to stays before the steps of the file. */
export function keepHanded(policy: Policy, present: Policy | null): Policy {
  const handed = (present?.steps ?? []).filter(({ isHanded }) => isHanded);
  return { ...policy, steps: [...handed, ...policy.steps] };
}

/** A notice that asks for nothing, by the first channel that can be read. */
export function tellOwner(incident: Incident, { by, to }: GivenAnswer, now: number): AnswerResult {
  const channel = to?.channels.find(isTextChannel);
  if (to === undefined || channel === undefined) return 'closed';
  record(incident, now, 'told', `${roleOnly(by)} tells the owner, ${to.contact}`, { by: roleOnly(by), to: to.contact });
  const noticeId = nextNoticeId(incident);
  const text = firstThatFits(ownerDrafts(incident, now), channel);
  incident.outgoing.push({ contact: to.contact, signal: 'notice', payload: { noticeId, kind: 'text', text, channel } });
  return 'told';
}

/** `Your workbook "Sales": refresh failed 12 min ago. Snowflake login failed. ana has it.` The shorter comes later. */
function ownerDrafts(incident: Incident, now: number): string[] {
  const { item, event, detail, firstFailedAt } = incident;
  const name = detail?.name ?? item.name;
  const holder = holderOf(incident);
  const who = holder === null ? 'Nobody has it yet.' : `Taken by ${roleOnly(holder.by)}.`;
  const draft = (room: number, causeRoom: number): string =>
    [
      `Your ${kindName(item.kind).toLowerCase()} ${quoted(name, room)}: ${whatHappened(event)} ${ago(firstFailedAt, now)}.`,
      sentenceOf(detail?.cause ?? '', causeRoom),
      `${who} This is for your information.`,
    ]
      .filter((part) => part !== '')
      .join(' ');
  return [draft(60, 150), draft(40, 60), draft(24, 0)];
}
