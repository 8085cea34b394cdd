/** A workflow of Teams that takes adaptive cards: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
import { asMarkdown } from '../workflows/names.js';
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { countOf, textOf, type ChangeText } from './texts.js';

/** More would not be read. */
const mostShown = 20;

/** https://adaptivecards.io/explorer/TextBlock.html, whose text is Markdown. */
const colors: Record<ChangeText['mood'], string> = { failing: 'attention', taken: 'warning', over: 'good' };

const block = (text: string, more: object = {}): object => ({ type: 'TextBlock', text, wrap: true, ...more });

const blocksOf = ({ heading, what, cause, mood }: ChangeText): object[] => [
  block(`**${asMarkdown(heading)}**: ${asMarkdown(what)}`, { color: colors[mood] }),
  ...(cause === '' ? [] : [block(asMarkdown(cause), { isSubtle: true, spacing: 'none' })]),
];

/** One card for one change or for several: what has no room is counted. */
export function teamsBody(changes: readonly IncidentChange[], publicUrl: string): object {
  const texts = changes.map((change) => textOf(change, publicUrl));
  const [first] = texts;
  const shown = texts.slice(0, mostShown);
  const rest = texts.length - shown.length;
  const url = texts.length === 1 && first ? first.link : `${publicUrl}/incidents`;
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      ...(texts.length === 1 ? [] : [block(countOf(changes), { weight: 'bolder' })]),
      ...shown.flatMap(blocksOf),
      ...(rest > 0 ? [block(`and ${rest} more`, { isSubtle: true })] : []),
    ],
    actions: [{ type: 'Action.OpenUrl', title: texts.length === 1 ? 'Open the incident' : 'Open the incidents', url }],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}
