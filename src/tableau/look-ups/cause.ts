/** Finds the sentence in a failed job's notes that names the cause. */
import { mark, markSecrets, removeIdentifiers, withoutMarks } from './redaction.js';

const maxCauseLength = 160;
/** More of the notes, of a line and of a sentence is not read: cut before any pattern sees the text. */
const maxLengths = { notes: 32_768, line: 2_000, sentence: 500 };
const maxLines = 500;

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

/** Why a refresh failed, one sentence without hosts, users, passwords and ids; undefined when the notes name none. */
export function causeOf(notes: string): string | undefined {
  const sentences = sentencesOf(withoutMarks(firstWords(notes, maxLengths.notes)));
  const informative = sentences.filter((sentence) => !uninformative.test(sentence));
  const best = causes.map((pattern) => informative.find((sentence) => pattern.test(sentence))).find(Boolean);
  const chosen = best ?? informative[0] ?? sentences.find((sentence) => !meaningless.test(sentence));
  return chosen === undefined ? undefined : asSentence(chosen) || undefined;
}

function sentencesOf(notes: string): string[] {
  return withLineBreaks(notes)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, maxLines)
    .map((line) =>
      markSecrets(firstWords(line.trim(), maxLengths.line))
        .replaceAll(/<[^<>]{1,80}>/g, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !stackTrace.test(line))
    .flatMap((line) => withoutPrefixes(line).split(/(?<=[.!?;])\s+(?=[\p{Lu}"“'[(]|\d{4}-)/u))
    .map((sentence) => removeIdentifiers(withoutPrefixes(firstWords(sentence, maxLengths.sentence))))
    .filter((sentence) => /\p{L}{3}/u.test(sentence));
}

/** Cut at a word, because `removeIdentifiers` does not recognise half an address. */
function firstWords(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  let end = maxLength;
  while (end > 0 && text.charAt(end - 1).trim() !== '') end -= 1;
  return text.slice(0, end);
}

/** Escaped line ends of notes that were JSON once. `CORP\nancy` is a person, so both words go where it is not plain which it is. */
function withLineBreaks(notes: string): string {
  return notes
    .replaceAll('\\"', '"')
    .replaceAll(/(?<=[.!?;)\]])(?:\\{1,2}r)?\\{1,2}n/g, '\n')
    .replaceAll(/(?<=[\w"':])(?<!(?:^|\W)[A-Za-z]:)(?:\\r)?\\n(?=[\p{Lu}\s[({"'\\]|\d{4}-|$)/gu, '\n')
    .replaceAll(/\S+/g, (word) => (word.includes('\\n') && !path.test(word) ? `${mark}\n${mark}` : word));
}
const path = /^["'(=]?(?:[A-Za-z]:\\|\\\\)/;

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
  const text = withoutTrailing(sentence.replaceAll(/[\s\p{Cc}]+/gu, ' '), ' .,;:–-');
  if (text === '') return '';
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  if (whole.length <= maxCauseLength) return /[!?…]$/.test(whole) ? whole : `${whole}.`;
  const cut = whole.slice(0, maxCauseLength - 1);
  return `${cut.slice(0, Math.max(0, cut.lastIndexOf(' '))).trimEnd() || cut}…`;
}

/** A pattern for this would look at every run of such characters once for each of them. */
function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end).trimStart();
}
