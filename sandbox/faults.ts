/** Faults that the next requests to a vendor meet. */
import { Type, type Static } from 'typebox';

export const Fault = Type.Object(
  {
    /** `twilio`, `twilio.messages.whatsapp`, `tableau.signin`, `receipts.sms`, …: a prefix covers every target that begins with it. */
    target: Type.String({ minLength: 1 }),
    times: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('always')])),
    status: Type.Optional(Type.Integer({ minimum: 400, maximum: 599 })),
    code: Type.Optional(Type.Integer()),
    body: Type.Optional(Type.Union([Type.String(), Type.Record(Type.String(), Type.Unknown())])),
    delayMs: Type.Optional(Type.Integer({ minimum: 0 })),
    drop: Type.Optional(Type.Union([Type.Literal('before'), Type.Literal('after')])),
  },
  { additionalProperties: false },
);
export type Fault = Static<typeof Fault>;

export interface Faults {
  add: (fault: Fault) => void;
  list: () => Fault[];
  clear: () => void;
  /** Gives the oldest fault for the target and counts one use. */
  take: (target: string) => Fault | null;
}

const covers = (fault: Fault, target: string): boolean =>
  fault.target === target || target.startsWith(`${fault.target}.`);

export const createFaults = (changed: () => void): Faults => {
  let faults: (Fault & { times: number | 'always' })[] = [];
  return {
    add: (fault) => {
      faults.push({ ...fault, times: fault.times ?? 1 });
      changed();
    },
    list: () => faults.map((fault) => ({ ...fault })),
    clear: () => {
      faults = [];
      changed();
    },
    take: (target) => {
      const fault = faults.find((one) => covers(one, target));
      if (!fault) return null;
      if (fault.times !== 'always') {
        fault.times -= 1;
        faults = faults.filter((one) => one.times !== 0);
        changed();
      }
      return fault;
    },
  };
};
