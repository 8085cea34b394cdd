/** An incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { fit } from '../workflows/words.js';
import { countOf, lineOf, textOf, type ChangeText } from './texts.js';

/** Of the text of a section: https://docs.slack.dev/reference/block-kit/blocks/section-block */
const mostOfSection = 3_000;
const mostOfText = 300;

/** https://docs.slack.dev/messaging/formatting-message-text#escaping; what else would format a name or mention somebody is taken out of it, but not from within a word. */
const escaped = (text: string): string =>
  text
    .replace(/[*~`]|(?<![\p{L}\p{N}])[_@]|_(?![\p{L}\p{N}])/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

const signs: Record<ChangeText['mood'], string> = {
  failing: ':red_circle:',
  taken: ':large_yellow_circle:',
  over: ':large_green_circle:',
};

function line({ heading, what, cause, mood, link }: ChangeText): string {
  const reason = cause === '' ? '' : `. ${escaped(cause)}`;
  return `${signs[mood]} *${escaped(heading)}*: ${escaped(what)}${reason} <${escaped(link)}|Open>`;
}

/** One message for one change or for several: what has no room is counted. */
export function slackBody(changes: readonly IncidentChange[], publicUrl: string): object {
  const texts = changes.map((change) => textOf(change, publicUrl));
  const [first] = texts;
  const alone = changes.length === 1 && first ? fit(lineOf(first), mostOfText) : countOf(changes);
  return {
    text: escaped(alone),
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
  return [...kept, `and ${lines.length - kept.length} more: <${escaped(`${publicUrl}/incidents`)}|Incidents>`].join(
    '\n',
  );
}
