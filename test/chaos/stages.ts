/** Where an incident stands, as one sees it from outside; whoever wants to strike waits for such a moment. */
export const stages = {
  webhook: 'before the webhook is answered',
  accepted: 'before the first message',
  sending: 'Twilio has it and has not answered',
  whatsapp: 'waiting on WhatsApp',
  sms: 'waiting on SMS',
  ringing: 'a call rings',
  answered: 'replied, not confirmed',
  rerun: 'a refresh runs again',
  snoozed: 'snoozed',
} as const;
export type Stage = keyof typeof stages;

export interface Moments {
  /** Stages that somebody waits for. */
  wanted: () => Stage[];
  /** Something is at this stage now. */
  reach: (stage: Stage, name: string) => void;
  /** Calls back in the very moment that something is at the stage, or with null after `patience` ms; no await is between. */
  at: (stage: Stage, patience: number, strike: (name: string | null) => void) => void;
}

export function createMoments(): Moments {
  const waiting = new Map<Stage, ((name: string | null) => void)[]>();
  return {
    wanted: () => [...waiting].flatMap(([stage, strikes]) => (strikes.length > 0 ? [stage] : [])),
    reach(stage, name) {
      const strikes = waiting.get(stage) ?? [];
      waiting.delete(stage);
      for (const strike of strikes) strike(name);
    },
    at(stage, patience, strike) {
      let done = false;
      const once = (name: string | null): void => {
        if (done) return;
        done = true;
        clearTimeout(timer);
        strike(name);
      };
      const timer = setTimeout(() => {
        waiting.set(
          stage,
          (waiting.get(stage) ?? []).filter((one) => one !== once),
        );
        once(null);
      }, patience);
      waiting.set(stage, [...(waiting.get(stage) ?? []), once]);
    },
  };
}
