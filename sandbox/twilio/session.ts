/** One answered call: performs its TwiML and collects keys. */
import type { Answer } from './http.js';
import { parseVoice, type Gather, type Prompt, type VoiceDocument } from './twiml.js';
import { isOver, plainNumber, type Call, type Ports } from './world.js';
import { XmlError } from '../xml.js';

export interface Fetched {
  /** HTTP status of the answer, null where nothing was fetched or answered. */
  status: number | null;
  twiml: string | null;
}

export interface Session {
  /** Performs the call to its end. */
  run: () => Promise<void>;
  /** Resolves when the request that these keys caused is answered, or when they cause none. */
  press: (digits: string) => Promise<Fetched>;
  /** Resolves with the first document. */
  begun: Promise<Fetched>;
  stop: () => void;
}

const nothing: Fetched = { status: null, twiml: null };
const applicationError = "We're sorry, an application error has occurred. Goodbye.";
interface Listener {
  key: (digits: string) => void;
  end: () => void;
}

type Jump = { url: string; params: Record<string, string> };

export const createSession = (
  call: Call,
  ports: Ports,
  fetchTwiml: (url: string, params: Record<string, string>) => Promise<Answer | null>,
): Session => {
  let waiting: ((fetched: Fetched) => void)[] = [];
  let listening: Listener | null = null;
  let wake: () => void = () => {};
  let resolveBegun: (fetched: Fetched) => void = () => {};
  const begun = new Promise<Fetched>((resolve) => {
    resolveBegun = resolve;
  });

  const notify = (fetched: Fetched): void => {
    resolveBegun(fetched);
    for (const resolve of waiting) resolve(fetched);
    waiting = [];
  };

  const speak = (text: string): void => {
    call.spoken = call.spoken === '' ? text : `${call.spoken} ${text}`;
    ports.changed(plainNumber(call.to));
    ports.log(`Phone ${plainNumber(call.to)} plays: ${text}`);
  };

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = ports.later(ports.settings().voiceWaitMs ?? ms, resolve);
      wake = (): void => {
        timer.cancel();
        resolve();
      };
    });

  const perform = async (prompt: Prompt): Promise<void> => {
    if (prompt.verb === 'Pause') return sleep(prompt.durationMs);
    // loop="0" repeats without end at Twilio; here it plays once.
    for (let turn = 0; turn < Math.max(1, Math.min(prompt.loop, 20)); turn += 1) speak(prompt.text);
  };

  /** The keys that a Gather collects: until numDigits, finishOnKey, or its timeout after the last key. */
  const listen = (gather: Gather): Promise<{ digits: string; finishedOn: string }> =>
    new Promise((resolve) => {
      let collected = '';
      const finish = (finishedOn: string): void => {
        timer.cancel();
        listening = null;
        resolve({ digits: collected, finishedOn });
      };
      const arm = (): { cancel: () => void } =>
        ports.later(ports.settings().voiceWaitMs ?? gather.timeoutMs, () => finish(''));
      let timer = arm();
      const key = (digits: string): void => {
        for (const digit of digits) {
          if (gather.finishOnKey !== '' && gather.finishOnKey.includes(digit)) return finish(digit);
          collected += digit;
          if (gather.numDigits !== null && collected.length >= gather.numDigits) return finish('');
        }
        timer.cancel();
        timer = arm();
      };
      listening = { key, end: () => finish('') };
    });

  const gatherKeys = async (gather: Gather, base: string | null): Promise<Jump | null> => {
    for (const prompt of gather.prompts) {
      await perform(prompt);
      if (isOver(call)) return null;
    }
    const { digits, finishedOn } = await listen(gather);
    if (isOver(call)) return null;
    if (digits === '' && finishedOn === '' && !gather.actionOnEmptyResult) {
      notify(nothing);
      return null;
    }
    const finished = finishedOn === '' ? {} : { FinishedOnKey: finishedOn };
    return { url: absolute(gather.action ?? '', base), params: { msg: 'Gather End', Digits: digits, ...finished } };
  };

  const absolute = (url: string, base: string | null): string => {
    if (!URL.canParse(url, base ?? undefined)) throw new XmlError(`the address "${url}" cannot be completed`);
    return new URL(url, base ?? undefined).href;
  };

  const play = async (document: VoiceDocument, base: string | null): Promise<Jump | null> => {
    for (const name of document.unknown) ports.log(`Twilio: warning 12200, <${name}> is not performed`);
    for (const verb of document.verbs) {
      if (isOver(call)) return null;
      switch (verb.verb) {
        case 'Gather': {
          const jump = await gatherKeys(verb, base);
          if (jump) return jump;
          break;
        }
        case 'Redirect':
          return { url: absolute(verb.url, base), params: {} };
        case 'Hangup':
        case 'Reject':
          return null;
        case 'Say':
        case 'Play':
        case 'Pause':
          await perform(verb);
      }
    }
    return null;
  };

  const read = async (jump: Jump): Promise<string> => {
    const answer = await fetchTwiml(jump.url, jump.params);
    notify({ status: answer?.status ?? null, twiml: answer?.body ?? null });
    if (!answer || answer.status >= 400) throw new XmlError('error 11200, no TwiML to go on with');
    return answer.body;
  };

  return {
    begun,
    run: async () => {
      try {
        let base = call.url;
        let source = call.url === null ? (call.twiml ?? '') : await read({ url: call.url, params: {} });
        if (call.url === null) resolveBegun({ status: null, twiml: call.twiml });
        while (!isOver(call)) {
          const jump = await play(parseVoice(source), base);
          if (!jump) break;
          base = jump.url.split('#')[0] ?? null;
          source = await read(jump);
        }
      } catch (error) {
        if (!(error instanceof XmlError)) throw error;
        ports.log(
          `Twilio: call ${call.sid}: ${error.message.startsWith('error') ? '' : 'error 12100, '}${error.message}`,
        );
        if (!isOver(call)) speak(applicationError);
      } finally {
        notify(nothing);
      }
    },
    press: (digits) => {
      const listener = listening;
      if (!listener) return Promise.resolve(nothing);
      return new Promise((resolve) => {
        waiting.push(resolve);
        listener.key(digits);
      });
    },
    stop: () => {
      listening?.end();
      wake();
      notify(nothing);
    },
  };
};
