/** What the memo and the search attributes of an incident hold already, so that an upsert has only what changed. */
export interface Published {
  /** The row, the detail and the outcomes of answers as JSON; empty: nothing. */
  row: string;
  detail: string;
  answers: string;
  /** The number of the newest entry of the timeline. */
  entries: number;
  /** The pages as JSON by their numbers. */
  pages: Record<string, string>;
  searchAttributes: string;
}

export const nothingPublished = (): Published => ({
  row: '',
  detail: '',
  answers: '',
  entries: 0,
  pages: {},
  searchAttributes: '',
});
