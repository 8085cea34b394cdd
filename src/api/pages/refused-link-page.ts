/** The page of a link that opens nothing, and of an answer that was not taken. */
import { html } from './html.js';
import { page } from './layout.js';

interface RefusedLink {
  prefix: string;
  statusCode: number;
  code: string;
  message: string;
  /** A button was pressed. */
  isAnswer: boolean;
  /** The page of the link, with the prefix; absent: there is none. */
  back?: string;
}

interface Words {
  title: string;
  text: string;
  /** What to do. */
  hints: readonly string[];
}

const replying = 'Or reply to the message: ACK takes it, DONE marks it as fixed, LIST shows what is open.';

/** The same for every dead link, whatever is wrong with it. */
const deadLink: Words = {
  title: 'This link opens nothing',
  text: 'It was cut off or changed, or it has ended: a link works for the contact who received it, until a day after its alert is over, and one to a list for a day.',
  hints: ['Open the link of the newest message.', 'Reply LIST to the number that sent it: it shows what is open.'],
};
const notRecorded: Words = {
  title: 'Not recorded',
  text: 'The service cannot store anything at present. Your answer was not recorded.',
  hints: ['Go back and press the button again in a minute.', replying],
};
const notKnown: Words = {
  title: 'Not known now',
  text: 'The service cannot find out at present how this stands. Pages are not lost: they go out as soon as it can.',
  hints: ['Load this page again in a minute.', replying],
};
const outdated: Words = {
  title: 'Nothing was recorded',
  text: 'The form did not come from this page as it was opened in this browser, which must allow cookies.',
  hints: ['Open the page again, and press the button there.', replying],
};

function wordsFor({ statusCode, code, message, isAnswer }: RefusedLink): Words {
  switch (code) {
    case 'DEAD_LINK':
      return isAnswer ? { ...deadLink, text: `Nothing was recorded. ${deadLink.text}` } : deadLink;
    case 'TEMPORAL_UNAVAILABLE':
      return isAnswer ? notRecorded : notKnown;
    case 'BAD_FORM':
      return outdated;
    default:
      return {
        title: isAnswer && statusCode < 500 ? 'Nothing was recorded' : 'This did not work',
        text: message,
        hints: [replying],
      };
  }
}

/** The whole page as text. */
export function refusedLinkPage(refused: RefusedLink): string {
  const { prefix, code, back } = refused;
  const { title, text, hints } = wordsFor(refused);
  return page({
    title,
    prefix,
    main: html`<div class="narrow">
      <h1>${title}</h1>
      <p role="alert">${text}</p>
      <ul>
        ${hints.map((hint) => html`<li>${hint}</li>`)}
      </ul>
      ${
        back !== undefined &&
        code !== 'DEAD_LINK' &&
        html`<p><a class="button" href="${back}">Open the page again</a></p>`
      }
    </div>`,
  });
}
