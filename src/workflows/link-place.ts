/**
 * Where the link of a page stands in its text. A link opens the page to whoever has it, so no history may hold one: the pager writes a place of the
 * same length, and whoever sends the text puts the link there.
 */
import type { MessageBody } from './send-contract.js';

/** @param length of the link, in places of an SMS: more than the eight of the shortest place */
export const linkPlace = (length: number): string => `<link:${'_'.repeat(Math.max(1, length - 7))}>`;

/** In a sentence of its own, whose full stop does not become part of the link. */
export const linkSentence = (place: string): string => `Open ${place} to see it and to answer.`;

const places = /<link:_+>/g;
const whole = /\n<link:_+>|(?: |^)Open <link:_+> to see it and to answer\.?|<link:_+>/g;

/** Whether a text has a place for a link. */
export const hasLinkPlace = ({ text, variables = {} }: MessageBody): boolean =>
  [text, ...Object.values(variables)].some((one) => one.search(places) >= 0);

/** The text with the link in its place; null: without the place. */
export function withLink({ text, variables, ...rest }: MessageBody, link: string | null): MessageBody {
  const filled = (one: string): string => (link === null ? one.replace(whole, '') : one.replace(places, () => link));
  return {
    ...rest,
    text: filled(text),
    ...(variables && {
      variables: Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, filled(value)])),
    }),
  };
}
