/** Who made a request, in the words of a script. */

/** What is wrong with the name of an author, as a sentence about `by`; null: nothing. */
export function authorProblem(by: string): string | null {
  return (
    textProblem('by', by, 64) ??
    // It is shown in Temporal, where no phone number may be.
    (/\d(?:[\s().+/-]*\d){6,}/.test(by) ? 'by must not hold a phone number; give a role or a name.' : null)
  );
}

/** What is wrong with a text of so many characters at most, as a sentence about its field; null: nothing. */
export const textProblem = (field: string, text: string, most: number): string | null =>
  text === '' || Array.from(text).length > most || /\p{Cc}/u.test(text)
    ? `${field} must have 1 to ${most} characters, no control characters among them.`
    : null;
