/** A simulated Twilio for the simulator: what it accepted, what its list shows, and which receipts come. */
import type { SendInput } from '../../src/workflows/send-contract.js';
import type { Failure } from '../../src/workflows/machine.js';
import type { Clock } from './clock.js';
import type { Faults } from './night.js';
import type { Random } from './random.js';

/** A message or call that Twilio accepted. */
export interface Accepted {
  sid: string;
  contact: string;
  attempt: string;
  channel: SendInput['channel'];
  text: string;
  at: number;
  ended: boolean;
}

export interface SimulatedTwilio {
  accepted: Accepted[];
  /** One request to send: the SID, or why there is none. */
  request: (input: SendInput) => { sid: string } | { failure: Failure };
  /** What its list shows of earlier tries: by address, time and text, as `src/twilio/reconcile.ts` looks for it. */
  find: (input: SendInput) => Accepted | undefined;
  end: (sid: string) => void;
}

const clockMarginMs = 5_000;

export const failure = (type: string, code: string): Failure => ({ type, message: code, detail: { code } });

interface Options {
  clock: Clock;
  random: Random;
  faults: () => Faults;
  onAccepted: (message: Accepted) => void;
  onStatus: (message: Accepted, status: string) => void;
}

export function createTwilio({ clock, random, faults, onAccepted, onStatus }: Options): SimulatedTwilio {
  const accepted: Accepted[] = [];

  /** Receipts come late, in any order, and sometimes twice. */
  function reportLater(message: Accepted): void {
    const isCall = message.channel === 'call';
    const fails = random.chance(faults().undelivered);
    const statuses = isCall
      ? ['ringing', fails ? random.pick(['busy', 'no-answer', 'failed'] as const) : 'in-progress', 'completed']
      : ['sent', fails ? 'undelivered' : 'delivered'];
    for (const status of isCall && fails ? statuses.slice(0, 2) : statuses) {
      // What is not the end of it changes little, and a real Twilio does not always report it either.
      if (status !== statuses.at(-1) && !(isCall && fails) && random.chance(0.6)) continue;
      const copies = random.chance(0.1) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        clock.after(random.between(50, isCall ? 30_000 : 5_000), () => {
          if (!message.ended || status === 'completed') onStatus(message, status);
        });
    }
  }

  return {
    accepted,
    request(input) {
      const { twilioIsDown, twilioRefuses, answerIsLost } = faults();
      if (random.chance(twilioIsDown))
        return { failure: random.chance(0.2) ? failure('configuration', '20003') : failure('outage', '503') };
      if (random.chance(twilioRefuses)) return { failure: failure('recipient', '21211') };
      const sid = `SM${accepted.length + 1}`;
      const { attempt, contact, channel, text } = input;
      const message = { sid, contact, attempt, channel, text, at: clock.now(), ended: false };
      accepted.push(message);
      onAccepted(message);
      reportLater(message);
      return random.chance(answerIsLost) ? { failure: failure('timeout', 'timeout') } : { sid };
    },
    find({ contact, channel, retry }) {
      if (!retry) return undefined;
      const since = retry.firstTriedAt - clockMarginMs;
      const texts = new Set(retry.tried.map(({ text }) => text));
      return accepted.find(
        (message) =>
          message.contact === contact &&
          message.channel === channel &&
          message.at >= since &&
          !retry.knownSids.includes(message.sid) &&
          (channel === 'call' || texts.has(message.text)),
      );
    },
    end(sid) {
      const call = accepted.find((message) => message.sid === sid);
      if (!call || call.ended) return;
      call.ended = true;
      clock.after(100, () => onStatus(call, 'canceled'));
    },
  };
}
