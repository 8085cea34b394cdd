/** The sentence of a failed job's notes that says why. */
import { discreet } from './redaction.js';

const longestCause = 160;
const longestNotes = 4_096;

/** Begins a stack trace or names where in the program it happened. */
const trace = /^(?:at |\.{3} \d+ more|caused by: [\w.$]+$|stack ?trace|in module|file ")/i;
/** What every failure says. */
const empty =
  /^(?:failed to establish a connection to your data ?source|an error occurred while communicating with|tableau (?:server |cloud )?(?:encountered|could not complete|was unable)|an unexpected error|the (?:extract )?refresh (?:has )?failed|extract refresh failed|(?:the )?job (?:has )?failed|refresh(?:ing)? extracts?|starting|finished|contact (?:your|the) |please (?:contact|try)|try again|check (?:that|your|the|with)|make sure|verify|for more information|see |unable to complete action|there was a problem|error:?$|the load was cancelled|generic odbc requires|error code)/i;
const nothing = /^(?:(?:the )?(?:job|refresh|extract refresh) (?:has )?failed|starting|finished)/i;
/** Strongest first. */
const reasons = [
  /log[io]n failed|password|credential|authenticat|not authori[sz]ed|unauthori[sz]ed|access denied|permission|privilege|(?:token|account|password|certificate).{0,20}expired|locked|invalid (?:oauth|token|user|login)/i,
  /out of memory|insufficient memory|memory|disk|no space|resource|quota|limit exceeded|too (?:large|many)/i,
  /time[d -]?out|timed out|query ?limit|longer than/i,
  /could not (?:be )?(?:connect|reach|resolv)|unable to connect|can(?:no|')t (?:connect|reach)|refused|unreachable|no such host|unknown host|network|connection (?:was )?(?:closed|lost|reset)|bridge|offline|not (?:running|responding)|ssl|tls|certificate/i,
  /does not exist|doesn't exist|not found|no such|missing|invalid|unknown|syntax|unsupported|driver|conversion|overflow|duplicate|null|cancell?ed|suspended|unavailable|denied/i,
];

/** Why a refresh failed, one sentence without hosts, users and ids; undefined when the notes do not say. */
export function causeOf(notes: string): string | undefined {
  const sentences = sentencesOf(notes.slice(0, 32_768));
  const telling = sentences.filter((sentence) => !empty.test(sentence));
  const best = reasons.map((reason) => telling.find((sentence) => reason.test(sentence))).find(Boolean);
  const chosen = best ?? telling[0] ?? sentences.find((sentence) => !nothing.test(sentence));
  return chosen === undefined ? undefined : ended(chosen) || undefined;
}

/** All that the job noted, at most 4 KB. */
export function notesOf(notes: string): string | undefined {
  const text = notes.replaceAll(/[^\S\n]*\r?\n/g, '\n').trim();
  const bytes = Buffer.from(text);
  // A character that is cut in two is dropped.
  return (
    (bytes.length <= longestNotes
      ? text
      : bytes
          .subarray(0, longestNotes)
          .toString()
          .replace(/\uFFFD+$/, '')) || undefined
  );
}

function sentencesOf(notes: string): string[] {
  return notes
    .replaceAll(/<[^<>\n]{1,80}>/g, ' ')
    .split(/\r?\n/)
    .map((line) => short(line.trim(), 2_000))
    .filter((line) => line !== '' && !trace.test(line))
    .flatMap((line) => bare(line).split(/(?<=[.!?;])\s+(?=[\p{Lu}"“'[(]|\d{4}-)/u))
    .map((sentence) => discreet(bare(short(sentence, 500))))
    .filter((sentence) => /\p{L}{3}/u.test(sentence));
}

/** Whole words alone: half an address would not be taken for one. Patterns take too long over longer texts. */
const short = (text: string, most: number): string =>
  text.length <= most ? text : text.slice(0, most).replace(/\S*$/, '');

/** Without the class of the exception, the drivers in brackets and the codes that stand before a message. */
function bare(line: string): string {
  let text = line;
  for (;;) {
    const shorter = text
      .replace(/^(?:caused by: )?(?:[a-z_$][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error)?:?\s*/u, '')
      .replace(
        /^(?:[A-Z]\w*(?:Exception|Error)|(?:fatal |internal |job |odbc )?error|fatal|exception|reason|message|details?|notes?)\s*(?:code\s*)?[:=]\s*/iu,
        '',
      )
      .replace(/^(?:\[[^\]]*\]\s*)+/, '')
      .replace(/^\(\d+\)\s*/, '')
      .replace(/^(?=\w*\d)[\dA-Z]{3,6}\s*(?:\(\w+\))?:\s+/, '')
      .replace(/^.*\bmsg='([^']{4,})'.*$/, '$1')
      .replace(/^ORA-\d+:\s*/, '')
      .trimStart();
    if (shorter === text) return text;
    text = shorter;
  }
}

function ended(sentence: string): string {
  const text = sentence
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[\s.,;:–-]+$/, '');
  if (text === '') return '';
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  if (whole.length <= longestCause) return /[!?…]$/.test(whole) ? whole : `${whole}.`;
  return `${whole.slice(0, longestCause - 1).replace(/\s+\S*$/, '')}…`;
}
