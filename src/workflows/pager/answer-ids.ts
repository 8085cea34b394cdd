/** The id of an answer names the reply that gave it and the key of the item, so that copies of a reply answer once. */
export const answerIdOf = (replyId: string, key: number): string => `${replyId}#${key}`;

export function partsOf(answerId: string): { replyId: string; key: number } {
  const mark = answerId.lastIndexOf('#');
  return { replyId: answerId.slice(0, mark), key: Number(answerId.slice(mark + 1)) };
}
