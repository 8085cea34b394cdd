/** The TwiML verbs that the sandbox performs: https://www.twilio.com/docs/voice/twiml */
import { elementsIn, parseXml, textOf, XmlError, type XmlElement } from '../xml.js';

export type Prompt = { verb: 'Say' | 'Play'; text: string; loop: number } | { verb: 'Pause'; durationMs: number };

export interface Gather {
  verb: 'Gather';
  action: string | null;
  numDigits: number | null;
  timeoutMs: number;
  /** Empty: no key ends the input. */
  finishOnKey: string;
  actionOnEmptyResult: boolean;
  prompts: Prompt[];
}

export type Verb = Prompt | Gather | { verb: 'Redirect'; url: string } | { verb: 'Hangup' } | { verb: 'Reject' };

export interface VoiceDocument {
  verbs: Verb[];
  /** Unknown verbs, which are skipped (error 12200, a warning at Twilio). */
  unknown: string[];
}

const whole = (value: string | undefined, otherwise: number): number => {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) && number >= 0 ? number : otherwise;
};

const readPrompt = (element: XmlElement): Prompt | null => {
  if (element.name === 'Pause') return { verb: 'Pause', durationMs: whole(element.attributes['length'], 1) * 1000 };
  if (element.name !== 'Say' && element.name !== 'Play') return null;
  const text = element.name === 'Say' ? textOf(element) : `[plays ${textOf(element)}]`;
  return { verb: element.name, text, loop: whole(element.attributes['loop'], 1) };
};

const readGather = (element: XmlElement): Gather => ({
  verb: 'Gather',
  action: element.attributes['action'] ?? null,
  numDigits: element.attributes['numDigits'] === undefined ? null : whole(element.attributes['numDigits'], 1),
  timeoutMs: whole(element.attributes['timeout'], 5) * 1000,
  finishOnKey: element.attributes['finishOnKey'] ?? '#',
  actionOnEmptyResult: element.attributes['actionOnEmptyResult'] === 'true',
  prompts: elementsIn(element)
    .map((child) => readPrompt(child))
    .filter((prompt) => prompt !== null),
});

const readVerb = (element: XmlElement): Verb | null => {
  switch (element.name) {
    case 'Gather':
      return readGather(element);
    case 'Redirect':
      return { verb: 'Redirect', url: textOf(element) };
    case 'Hangup':
    case 'Reject':
      return { verb: element.name };
    default:
      return readPrompt(element);
  }
};

const responseIn = (source: string): XmlElement => {
  const root = parseXml(source);
  if (root.name !== 'Response') throw new XmlError(`the root is <${root.name}>, not <Response>`);
  return root;
};

/** Reads the TwiML of a call. Throws XmlError (error 12100) for what cannot be parsed. */
export const parseVoice = (source: string): VoiceDocument => {
  const document: VoiceDocument = { verbs: [], unknown: [] };
  for (const element of elementsIn(responseIn(source))) {
    const verb = readVerb(element);
    if (verb) document.verbs.push(verb);
    else document.unknown.push(element.name);
  }
  return document;
};

/** Reads the TwiML that answers a message: the texts of its Message verbs. Throws XmlError for what cannot be parsed. */
export const parseMessaging = (source: string): string[] =>
  elementsIn(responseIn(source))
    .filter((element) => element.name === 'Message')
    .map((element) => textOf(elementsIn(element).find((child) => child.name === 'Body') ?? element));
