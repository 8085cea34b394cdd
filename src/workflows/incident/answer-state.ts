/** What an incident remembers of answers. */
import type { AnswerOutcome, AnswerSignal } from '../contract.js';

/** Who has an incident. `by`: a contact, or the name that a script gave; `contact` where a pager took the answer. */
export interface Holder {
  by: string;
  contact: string | null;
  at: number;
}

/** `pager`: the contact whose pager took it, and settles its pages by the outcome. Absent: it came by a page or a script. */
export type GivenAnswer = AnswerSignal & { pager: string | undefined };

/** `isShown`: its outcome stands in the memo. */
export type RecordedAnswer = { id: string; isShown?: true } & AnswerOutcome;
