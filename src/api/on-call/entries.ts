/** Overrides and silences as scripts and pages make and end them. */
import type { EscalationSource } from '../../policy/escalation-source.js';
import { readOverride, scheduleNamed, type OverrideFields } from '../../policy/overrides.js';
import { silenceRequest } from '../../policy/silence-notices.js';
import { readSilence, type SilenceFields } from '../../policy/silences.js';
import { endOverride, endSilence, makeOverride, makeSilence, readOverrides } from '../../temporal/on-call.js';
import { isEntryId, type Override, type Silence } from '../../workflows/on-call-contract.js';
import type { TemporalGateway } from '../temporal-gateway.js';

/** Why nothing was made, as a sentence that says what is allowed. */
export interface Refused {
  /** The name of the field in the request; null: there are too many already. */
  field: string | null;
  message: string;
}
export type Made<T> = { made: T } | { refused: Refused };

interface Options {
  temporal: Pick<TemporalGateway, 'request' | 'timeouts'>;
  escalation: EscalationSource;
  clock: () => number;
}

/** All of it throws `temporalUnavailable`, also when no worker takes it in time; then it may be taken later, and a copy with the same id changes nothing. */
export function createOnCallEntries({ temporal, escalation, clock }: Options) {
  const { readTimeoutMs } = temporal.timeouts;

  return {
    /**
     * @param name of a schedule that the file has
     * @param id a uuid
     */
    async override(name: string, fields: OverrideFields, id: string): Promise<Made<Override>> {
      const inForce = escalation.current();
      const schedule = scheduleNamed(inForce, name);
      if (!schedule) return { refused: { field: 'schedule', message: 'There is no such schedule.' } };
      const made = await temporal.request(readTimeoutMs, readOverrides);
      const read = readOverride(inForce, { name, schedule }, fields, { id, now: clock(), made });
      if ('problem' in read) return { refused: read.problem };
      const { request } = read;
      const refusal = await temporal.request(readTimeoutMs, (client) => makeOverride(client, request));
      return refusal === null ? { made: request.override } : { refused: refusal };
    },

    /** @param id a uuid */
    async silence(fields: SilenceFields, id: string): Promise<Made<Silence>> {
      const read = readSilence(fields, { id, now: clock() });
      if ('problem' in read) return { refused: read.problem };
      const silence = read.value;
      const made = await temporal.request(readTimeoutMs, readOverrides);
      const request = silenceRequest(escalation.current(), silence, { made });
      const refusal = await temporal.request(readTimeoutMs, (client) => makeSilence(client, request));
      if (refusal === null) return { made: silence };
      const field = refusal.field === null ? null : refusal.field === 'from' ? 'start' : 'end';
      return { refused: { field, message: refusal.message } };
    },

    /** False where there is none. */
    async endOverride(schedule: string, id: string): Promise<boolean> {
      return isEntryId(id) && temporal.request(readTimeoutMs, (client) => endOverride(client, { id, schedule }));
    },

    /** False where there is none. */
    async endSilence(id: string): Promise<boolean> {
      return isEntryId(id) && temporal.request(readTimeoutMs, (client) => endSilence(client, id));
    },
  };
}
export type OnCallEntries = ReturnType<typeof createOnCallEntries>;
