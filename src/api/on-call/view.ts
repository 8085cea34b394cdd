/** What the page of who is on call shows, by the escalation file and by what was made besides. */
import type { FastifyBaseLogger } from 'fastify';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { instantOf, localTimeAt } from '../../policy/local-time.js';
import { onCallAt, shiftsBetween, type Schedule } from '../../policy/on-call.js';
import { withOverrides } from '../../policy/overrides.js';
import type { Escalation } from '../../policy/route.js';
import { readOverrides, readSilences } from '../../temporal/on-call.js';
import { day } from '../../workflows/contract.js';
import type { Override, Silence } from '../../workflows/on-call-contract.js';
import { hashOf } from '../content-hash.js';
import type { ShownSchedule } from '../pages/on-call-page.js';
import type { TemporalGateway } from '../temporal-gateway.js';

export interface OnCallView {
  schedules: ShownSchedule[];
  /** Null where Temporal does not respond: then the schedules are by the file alone. */
  silences: Silence[] | null;
  contacts: string[];
}

type Temporal = Pick<TemporalGateway, 'request' | 'timeouts'>;
interface MadeEntries {
  overrides: Override[];
  silences: Silence[];
}

const shownMs = 14 * day;

/** What was made and is not over. Throws `temporalUnavailable`. */
export async function readMade({ request, timeouts }: Temporal, now: number): Promise<MadeEntries> {
  const [overrides, silences] = await request(timeouts.readyTimeoutMs, (client) =>
    Promise.all([readOverrides(client), readSilences(client)]),
  );
  return { overrides: overrides.filter(({ to }) => to > now), silences: silences.filter(({ to }) => to > now) };
}

/** As `readMade`; null while Temporal does not respond, since who is on call by the file is still worth knowing. */
export async function readMadeOrNone(
  temporal: Temporal,
  log: FastifyBaseLogger,
  now: number,
): Promise<MadeEntries | null> {
  try {
    return await readMade(temporal, now);
  } catch (err) {
    log.warn({ err }, 'overrides and silences could not be read: the page is by the escalation file alone');
    return null;
  }
}

/** @param made of `readMade` */
export function onCallView(escalation: EscalationSource, made: MadeEntries | null, now: number): OnCallView {
  const inForce = escalation.current();
  const schedules = Object.entries(inForce.schedules ?? {}).map(([name, schedule]) =>
    shownSchedule(inForce, name, schedule, made?.overrides ?? [], now),
  );
  return { schedules, silences: made?.silences ?? null, contacts: Object.keys(inForce.contacts) };
}

/**
 * Another text when the page is made of something else. It changes with no hand-over: to look for the next one each time would take long, and an open
 * page is renewed once a minute.
 */
export function versionOf(escalation: EscalationSource, made: MadeEntries | null): string {
  const { schedules = {}, contacts } = escalation.current();
  return hashOf([schedules, Object.keys(contacts), made]);
}

function shownSchedule(
  inForce: Escalation,
  name: string,
  planned: Schedule,
  made: readonly Override[],
  now: number,
): ShownSchedule {
  const schedule = withOverrides(inForce, name, planned, made);
  const { timezone: zone } = schedule;
  const midnight = instantOf(localTimeAt(now, zone).round({ smallestUnit: 'day', roundingMode: 'floor' }), zone);
  return {
    name,
    clock: { now, zone },
    ...onCallAt(schedule, now),
    shifts: shiftsBetween(schedule, midnight, midnight + shownMs),
    overrides: made.filter((one) => one.schedule === name),
  };
}
