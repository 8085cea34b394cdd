/** Stages of an incident as seen from outside; process faults are injected when one is reached. */
export const stages = {
  webhook: 'before the webhook is answered',
  accepted: 'before the first message',
  sending: 'Twilio has the message and has not answered',
  whatsapp: 'waiting on WhatsApp',
  sms: 'waiting on SMS',
  ringing: 'a call rings',
  answered: 'replied, not confirmed',
  rerun: 'a refresh runs again',
  snoozed: 'snoozed',
} as const;
export type Stage = keyof typeof stages;

export interface StageEvents {
  /** Stages that a fault waits for. */
  wanted: () => Stage[];
  /** The named item is at this stage now. */
  reach: (stage: Stage, name: string) => void;
  /** Calls back synchronously when an item reaches the stage, or with null after the timeout. */
  onReached: (stage: Stage, timeoutMs: number, callback: (name: string | null) => void) => void;
}

export function createStageEvents(): StageEvents {
  const waiting = new Map<Stage, ((name: string | null) => void)[]>();
  return {
    wanted: () => [...waiting].flatMap(([stage, callbacks]) => (callbacks.length > 0 ? [stage] : [])),
    reach(stage, name) {
      const callbacks = waiting.get(stage) ?? [];
      waiting.delete(stage);
      for (const callback of callbacks) callback(name);
    },
    onReached(stage, timeoutMs, callback) {
      let done = false;
      const once = (name: string | null): void => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        callback(name);
      };
      const timer = setTimeout(() => {
        waiting.set(
          stage,
          (waiting.get(stage) ?? []).filter((one) => one !== once),
        );
        once(null);
      }, timeoutMs);
      waiting.set(stage, [...(waiting.get(stage) ?? []), once]);
    },
  };
}
