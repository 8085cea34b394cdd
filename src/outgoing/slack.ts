/** An incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { fit } from '../workflows/words.js';
import { countOf, lineOf, textOf, type ChangeText } from './texts.js';

/** Of the text of a section: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const mostOfSection = 3_000;
const mostOfText = 300;

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What else would format a name or mention somebody is taken out of it, but not from within a word. */
const unformatted = (text: string): string =>
  escaped(text.replace(/[*~`]|(?<![\p{L}\p{N}])[_@]|_(?![\p{L}\p{N}])/gu, ''));

const linkTo = (address: string, text: string): string => `<${escaped(address)}|${text}>`;

const signs: Record<ChangeText['mood'], string> = {
  failing: ':red_circle:',
  taken: ':large_yellow_circle:',
  over: ':large_green_circle:',
};

function line({ heading, what, cause, mood, link }: ChangeText): string {
  const reason = cause === '' ? '' : `. ${unformatted(cause)}`;
  return `${signs[mood]} *${unformatted(heading)}*: ${unformatted(what)}${reason} ${linkTo(link, 'Open')}`;
}

/** One message for one change or for several: what has no room is counted. */
export function slackBody(changes: readonly IncidentChange[], publicUrl: string): object {
  const texts = changes.map((change) => textOf(change, publicUrl));
  const [first] = texts;
  const alone = changes.length === 1 && first ? fit(lineOf(first), mostOfText) : countOf(changes);
  return {
    text: unformatted(alone),
    // Verbatim: Slack makes no link and no mention of plain words, such as @channel.
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', verbatim: true, text: sectionOf(texts.map(line), publicUrl) } },
    ],
  };
}

function sectionOf(lines: readonly string[], publicUrl: string): string {
  const whole = lines.join('\n');
  if (whole.length <= mostOfSection) return whole;
  const kept: string[] = [];
  let length = 100 + publicUrl.length;
  for (const one of lines) {
    if (length + one.length + 1 > mostOfSection) break;
    kept.push(one);
    length += one.length + 1;
  }
  const rest = `and ${lines.length - kept.length} more: ${linkTo(`${publicUrl}/incidents`, 'Incidents')}`;
  return [...kept, rest].join('\n');
}
