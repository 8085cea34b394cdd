/** The alarms of `GET /`, for everybody who knows the address: codes and counts, never a name or a number. */
import type { Client } from '@temporalio/client';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { incidentType, pagerType } from '../workflows/contract.js';
import type { Alarm } from './home-page.js';
import { countOpen } from './visibility.js';

/** The memo that pagers keep; codes of another form are not shown, for they could hold anything. */
const Raised = Type.Object({
  code: Type.String({ pattern: '^(?!.*\\d{7})[a-zA-Z0-9.-]{1,64}$' }),
  since: Type.String(),
});
const Raising = Type.Object({ alarms: Type.Array(Type.Unknown()) });

/** The memo that incidents keep. */
const Unreachable = Type.Object({ contact: Type.String(), since: Type.String() });

const runningOf = (type: string): string => `WorkflowType = "${type}" AND ExecutionStatus = "Running"`;
const maxPagers = 1_000;
/** The newest: what happens now is in these, however many are open. */
const maxIncidents = 500;

/** The alarms of Temporal's workflows. Throws when Temporal does not answer. */
export async function alarmsOf(client: Client, indexed: boolean): Promise<Alarm[]> {
  const [unacknowledged, unreachable, pagers] = await Promise.all([
    countOpen(client, 'unacknowledged', indexed),
    unreachablePagers(client),
    alarmsOfPagers(client),
  ]);
  const what = unacknowledged === 1 ? '1 incident is' : `${unacknowledged} incidents are`;
  const message = `${what} unacknowledged: nobody answered.`;
  return [...(unacknowledged > 0 ? [{ code: 'incidents-unacknowledged', message }] : []), ...unreachable, ...pagers];
}

/** Pagers that incidents cannot signal, which cannot say so themselves. */
async function unreachablePagers(client: Client): Promise<Alarm[]> {
  const sinceOf = new Map<string, string>();
  await forEachMemo(client, incidentType, maxIncidents, (memo) => {
    const list = memo?.['unreachable'];
    for (const one of Array.isArray(list) ? list : []) {
      if (!Value.Check(Unreachable, one) || Number.isNaN(Date.parse(one.since))) continue;
      const known = sinceOf.get(one.contact);
      sinceOf.set(one.contact, known && known < one.since ? known : one.since);
    }
  });
  const [since] = [...sinceOf.values()].toSorted();
  if (since === undefined) return [];
  const message = 'Temporal does not let a pager be signalled: its contact is not paged. The log names the contact.';
  return [{ code: 'pager-unreachable', message, since, contacts: sinceOf.size }];
}

async function forEachMemo(client: Client, type: string, most: number, take: (memo: Memo) => void): Promise<void> {
  let seen = 0;
  for await (const { memo } of client.workflow.list({ query: runningOf(type), pageSize: most })) {
    take(memo);
    seen += 1;
    if (seen === most) break;
  }
}
type Memo = Record<string, unknown> | undefined;

async function alarmsOfPagers(client: Client): Promise<Alarm[]> {
  const raised = new Map<string, { since: string; contacts: number }>();
  await forEachMemo(client, pagerType, maxPagers, (memo) => {
    const pager = memo?.['pager'];
    const alarms = Value.Check(Raising, pager) ? pager.alarms : [];
    for (const alarm of alarms) {
      if (!Value.Check(Raised, alarm) || Number.isNaN(Date.parse(alarm.since))) continue;
      const known = raised.get(alarm.code);
      const since = known && known.since < alarm.since ? known.since : alarm.since;
      raised.set(alarm.code, { since, contacts: (known?.contacts ?? 0) + 1 });
    }
  });
  return [...raised]
    .map(([code, { since, contacts }]) => ({ code, message: meaningOf(code), since, contacts }))
    .toSorted((a, b) => a.since.localeCompare(b.since) || a.code.localeCompare(b.code));
}

const meanings: Readonly<Record<string, string>> = {
  'whatsapp-limit': 'The hourly limit of messages to one person is reached: WhatsApp messages are held.',
  'sms-limit': 'The hourly limit of messages to one person is reached: SMS are held.',
  'call-limit': 'The hourly limit of calls to one person is reached: calls are held.',
  'contact-stopped': 'A contact has ended a channel by STOP and is not paged by it.',
  'contact-refused': 'Twilio cannot reach a contact by a channel of its steps.',
};

function meaningOf(code: string): string {
  const [, word] = /^twilio-(.+)$/.exec(code) ?? [];
  if (word === undefined) return (Object.hasOwn(meanings, code) && meanings[code]) || 'A pager has raised an alarm.';
  if (/^\d{5}$/.test(word))
    return `Twilio refuses messages or calls: see https://www.twilio.com/docs/api/errors/${word}.`;
  return `Twilio does not take messages or calls (${word}); they are tried again.`;
}

/**
 * The same result for `maxAgeMs`, and one request at a time, so that frequent requests here cause few at Temporal.
 */
export function cached<T>(read: () => Promise<T>, maxAgeMs: number, clock: () => number): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let goodUntil = 0;
  return () => {
    if (answer === undefined || clock() >= goodUntil) {
      goodUntil = Infinity;
      answer = read().finally(() => {
        goodUntil = clock() + maxAgeMs;
      });
    }
    return answer;
  };
}
