/** Finds the sentence in a failed job's notes that names the cause. */
import { removeIdentifiers } from './redaction.js';

const maxCauseLength = 160;
const maxNotesBytes = 4_096;

/** A line of a stack trace. */
const stackTrace = /^(?:at |\.{3} \d+ more|caused by: [\w.$]+$|stack ?trace|in module|file ")/i;
/** Sentences that name no cause. */
const uninformative =
  /^(?:failed to establish a connection to your data ?source|an error occurred while communicating with|tableau (?:server |cloud )?(?:encountered|could not complete|was unable)|an unexpected error|the (?:extract )?refresh (?:has )?failed|extract refresh failed|(?:the )?job (?:has )?failed|refresh(?:ing)? extracts?|starting|finished|contact (?:your|the) |please (?:contact|try)|try again|check (?:that|your|the|with)|make sure|verify|for more information|see |unable to complete action|there was a problem|error:?$|the load was cancelled|generic odbc requires|error code)/i;
/** Sentences that do not help even when there are no others. */
const meaningless = /^(?:(?:the )?(?:job|refresh|extract refresh) (?:has )?failed|starting|finished)/i;
/** The most informative first. */
const causes = [
  /log[io]n failed|password|credential|authenticat|not authori[sz]ed|unauthori[sz]ed|access denied|permission|privilege|(?:token|account|password|certificate).{0,20}expired|locked|invalid (?:oauth|token|user|login)/i,
  /out of memory|insufficient memory|memory|disk|no space|resource|quota|limit exceeded|too (?:large|many)/i,
  /time[d -]?out|timed out|query ?limit|longer than/i,
  /could not (?:be )?(?:connect|reach|resolv)|unable to connect|can(?:no|')t (?:connect|reach)|refused|unreachable|no such host|unknown host|network|connection (?:was )?(?:closed|lost|reset)|bridge|offline|not (?:running|responding)|ssl|tls|certificate/i,
  /does not exist|doesn't exist|not found|no such|missing|invalid|unknown|syntax|unsupported|driver|conversion|overflow|duplicate|null|cancell?ed|suspended|unavailable|denied/i,
];

/** Why a refresh failed, one sentence without hosts, users and ids; undefined when the notes name none. */
export function causeOf(notes: string): string | undefined {
  const sentences = sentencesOf(notes.slice(0, 32_768));
  const informative = sentences.filter((sentence) => !uninformative.test(sentence));
  const best = causes.map((pattern) => informative.find((sentence) => pattern.test(sentence))).find(Boolean);
  const chosen = best ?? informative[0] ?? sentences.find((sentence) => !meaningless.test(sentence));
  return chosen === undefined ? undefined : asSentence(chosen) || undefined;
}

/** The notes of the job, at most 4 KB. */
export function notesOf(notes: string): string | undefined {
  const text = notes.replaceAll(/[^\S\n]*\r?\n/g, '\n').trim();
  const bytes = Buffer.from(text);
  // A character that is cut in two is dropped.
  return (
    (bytes.length <= maxNotesBytes
      ? text
      : bytes
          .subarray(0, maxNotesBytes)
          .toString()
          .replace(/\uFFFD+$/, '')) || undefined
  );
}

function sentencesOf(notes: string): string[] {
  return notes
    .replaceAll(/<[^<>\n]{1,80}>/g, ' ')
    .split(/\r?\n/)
    .map((line) => firstWords(line.trim(), 2_000))
    .filter((line) => line !== '' && !stackTrace.test(line))
    .flatMap((line) => withoutPrefixes(line).split(/(?<=[.!?;])\s+(?=[\p{Lu}"“'[(]|\d{4}-)/u))
    .map((sentence) => removeIdentifiers(withoutPrefixes(firstWords(sentence, 500))))
    .filter((sentence) => /\p{L}{3}/u.test(sentence));
}

/** Cut at a word, because `removeIdentifiers` does not recognise half an address. Patterns are slow on longer texts. */
const firstWords = (text: string, maxLength: number): string =>
  text.length <= maxLength ? text : text.slice(0, maxLength).replace(/\S*$/, '');

/** Without the class of the exception, the drivers in brackets and the codes before a message. */
function withoutPrefixes(line: string): string {
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

function asSentence(sentence: string): string {
  const text = sentence
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(/[\s.,;:–-]+$/, '');
  if (text === '') return '';
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  if (whole.length <= maxCauseLength) return /[!?…]$/.test(whole) ? whole : `${whole}.`;
  return `${whole.slice(0, maxCauseLength - 1).replace(/\s+\S*$/, '')}…`;
}
