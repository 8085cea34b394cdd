/** Names that come near to a word that is none of them. */
import { editDistance } from '../config/edit-distance.js';

/** A longer text is no slip of a name, and takes long to compare. */
const maxLength = 64;

/** The known name that a word misses by a letter or two, in any case; undefined where none comes near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const mostEdits = word.length < 4 ? 1 : 2;
  const near = known
    .filter((name) => word.length <= maxLength && Math.abs(name.length - word.length) <= mostEdits)
    .map((name) => ({ name, edits: editsBetween(name.toLowerCase(), word.toLowerCase()) }))
    .filter(({ edits }) => edits <= mostEdits);
  return near.toSorted((one, other) => one.edits - other.edits)[0]?.name;
}

/** Two letters that changed places are one slip. */
function editsBetween(name: string, word: string): number {
  const edits = editDistance(name, word);
  const letters = (text: string): string => text.split('').toSorted().join('');
  return edits === 2 && letters(name) === letters(word) ? 1 : edits;
}

/** The end of a sentence about a name that is not there: the one that may be meant, or all that are there. */
export const suggestion = (word: string, known: readonly string[]): string =>
  didYouMean(word, known) ?? `known are ${known.join(', ') || 'none'}.`;

/** Null where no known name comes near. */
export function didYouMean(word: string, known: readonly string[]): string | null {
  const near = nearest(word, known);
  return near === undefined ? null : `did you mean "${near}"?`;
}
