/**
 * Spoken texts and responses to Twilio, as TwiML.
 * https://www.twilio.com/docs/voice/twiml and https://www.twilio.com/docs/messaging/twiml
 */
import twilio from 'twilio';

export const callMenuText = 'Press 1 to acknowledge. Press 2 to run the refresh again. Press 3 to resolve.';

/** The longest `Twiml` parameter of a call that Twilio takes, in characters, escapes counted. */
export const maxTwimlLength = 4000;
const maxMessageLength = 1600;
const language = 'en-US';

/**
 * Says `text` and the menu, `times` times (3), and waits 5 s for one key each time; without a key it says goodbye and hangs up.
 * `action` is the absolute address that the key is posted to. At most 4000 characters: the middle of a long text is left out,
 * never the menu.
 */
export function callMenu({ text, action, times = 3 }: { text: string; action: string; times?: number }): string {
  return fitToLimit(text, (said) => {
    const response = new twilio.twiml.VoiceResponse();
    for (let i = 0; i < times; i++) {
      const gather = response.gather({
        input: ['dtmf'],
        numDigits: 1,
        finishOnKey: '',
        timeout: 5,
        action,
        method: 'POST',
      });
      gather.say({ language }, `${said} ${callMenuText}`.trim());
    }
    response.say({ language }, 'No key was pressed. Goodbye.');
    response.hangup();
    return response.toString();
  });
}

/** Says `text` and hangs up. */
export function spoken({ text }: { text: string }): string {
  return fitToLimit(text, (said) => {
    const response = new twilio.twiml.VoiceResponse();
    response.say({ language }, said);
    response.hangup();
    return response.toString();
  });
}

/** Says `text`, where there is one, and has Twilio POST to `url`, an absolute address, for what comes next. */
export function redirectTo({ url, text = '' }: { url: string; text?: string }): string {
  return fitToLimit(text, (said) => {
    const response = new twilio.twiml.VoiceResponse();
    if (said !== '') response.say({ language }, said);
    response.redirect({ method: 'POST' }, url);
    return response.toString();
  });
}

/** Does nothing: a message gets no response, a call ends. */
export function emptyResponse(): string {
  return new twilio.twiml.MessagingResponse().toString();
}

/** Answers an inbound message with one message of at most 1600 characters. */
export function messageResponse(text: string): string {
  const response = new twilio.twiml.MessagingResponse();
  response.message(cutInTheMiddle(speakable(text), maxMessageLength));
  return response.toString();
}

/** Twilio's XML writer throws on characters that XML does not know: control characters, lone surrogates, U+FFFE, U+FFFF. */
function speakable(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ' ')
    .replaceAll(/[^\S\n]+/g, ' ')
    .trim();
}

function cutInTheMiddle(text: string, length: number): string {
  const characters = Array.from(text);
  if (characters.length <= length) return text;
  const kept = Math.max(0, length - 3);
  const head = Math.ceil(kept / 2);
  const tail = characters.slice(characters.length - (kept - head));
  return `${characters.slice(0, head).join('')} … ${tail.join('')}`;
}

/** Escapes make the length of the result unpredictable, so a binary search finds the longest text that fits. */
function fitToLimit(text: string, render: (said: string) => string): string {
  const whole = speakable(text);
  const rendered = render(whole);
  if (rendered.length <= maxTwimlLength) return rendered;
  let fits = 0;
  let tooLong = Array.from(whole).length;
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (render(cutInTheMiddle(whole, middle)).length <= maxTwimlLength) fits = middle;
    else tooLong = middle;
  }
  return render(fits < 8 ? '' : cutInTheMiddle(whole, fits));
}
