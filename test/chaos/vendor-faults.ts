/** Faults at Twilio and Tableau, each for a few seconds. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../../sandbox/faults.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Random } from './random.js';

const garbage = '<html><body>Something went wr';

export const faultKinds: Record<string, Fault[]> = {
  'Twilio answers 500': [{ target: 'twilio.messages', status: 500, times: 3 }],
  'Twilio answers 429': [{ target: 'twilio', status: 429, times: 6 }],
  'Twilio refuses the connection': [{ target: 'twilio', drop: 'before', times: 4 }],
  'Twilio hangs after accepting': [{ target: 'twilio.messages', delayMs: 12_000, times: 2 }],
  'Twilio hangs in calls': [{ target: 'twilio.calls', delayMs: 12_000, times: 2 }],
  'Twilio is slow': [{ target: 'twilio', delayMs: 2_000, times: 8 }],
  'Twilio drops after accepting': [{ target: 'twilio.messages', drop: 'after', times: 3 }],
  'Twilio drops calls after accepting': [{ target: 'twilio.calls', drop: 'after', times: 2 }],
  'Twilio answers garbage': [{ target: 'twilio', status: 502, body: garbage, times: 4 }],
  'Twilio drops after accepting, and its lists fail': [
    { target: 'twilio.messages', drop: 'after', times: 2 },
    { target: 'twilio.lists', status: 500, times: 2 },
  ],
  'Calls cannot be ended': [{ target: 'twilio.updates', status: 500, times: 3 }],
  'SMS are not delivered': [{ target: 'receipts.sms', code: 30003, times: 2 }],
  'WhatsApp is not delivered': [{ target: 'receipts.whatsapp', code: 63003, times: 2 }],
  'Tableau answers 500': [{ target: 'tableau', status: 500, times: 10 }],
  'Tableau answers 429': [{ target: 'tableau', status: 429, times: 10 }],
  'Tableau hangs': [{ target: 'tableau', delayMs: 10_000, times: 6 }],
  'Tableau drops': [
    { target: 'tableau', drop: 'before', times: 4 },
    { target: 'tableau', drop: 'after', times: 4 },
  ],
  'Tableau answers garbage': [{ target: 'tableau', status: 502, body: garbage, times: 6 }],
};

export interface VendorFaultOptions {
  sandbox: Sandbox;
  random: Random;
  /** How many faults, spread over how long. */
  count: number;
  withinMs: number;
  injected: (what: string) => void;
  signal: AbortSignal;
}

/** Injects every kind in turn, in random order; what is left of a fault is cleared before the next. */
export async function injectVendorFaults({
  sandbox,
  random,
  count,
  withinMs,
  injected,
  signal,
}: VendorFaultOptions): Promise<void> {
  const began = Date.now();
  let queue: [string, Fault[]][] = [];
  for (let n = 0; n < count && !signal.aborted; n += 1) {
    if (queue.length === 0) queue = random.shuffle(Object.entries(faultKinds));
    const [what, faults] = queue.pop() ?? ['', []];
    for (const fault of faults) sandbox.faults.add(fault);
    injected(what);
    await pause(Math.max(500, began + (withinMs * (n + 1)) / count - Date.now()));
    sandbox.faults.clear();
  }
}
