/** How the entries read in the Temporal Web UI, as Markdown. It names no person. */
import { asMarkdown } from '../names.js';
import type { Entry } from '../on-call-contract.js';
import { utc } from '../words.js';
import { matchText } from './silences.js';
import { overAt, type Kept, type OnCall } from './state.js';

const listed = (title: string, none: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`${title}:`, '', ...lines.map((line) => `- ${line}`)] : [none];

/** What counts now or will; what is over is not shown. */
export function detailsOf({ overrides, silences, notices }: OnCall, now: number): string {
  const present = <E extends Kept<Entry>>(entries: readonly E[]): E[] =>
    entries.filter((one) => overAt(one) > now).toSorted((one, other) => one.from - other.from);
  const span = ({ from, to }: Entry): string => `from ${utc(from)} to ${utc(to)}`;
  return [
    ...listed(
      'Overrides of schedules',
      'No overrides of schedules.',
      present(overrides).map((one) => `${one.schedule}: ${one.contact} ${span(one)}`),
    ),
    '',
    ...listed(
      'Silences',
      'No silences.',
      present(silences).map((one) => `${asMarkdown(matchText(one.match))} ${span(one)}`),
    ),
    ...(notices.length > 0 ? ['', `${notices.length} notices wait for the pagers of their contacts.`] : []),
  ].join('\n');
}
