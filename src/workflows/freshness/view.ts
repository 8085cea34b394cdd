/** How the freshness of a site reads in the Temporal Web UI, as Markdown. */
import { publicName } from '../contract.js';
import { asMarkdown } from '../names.js';
import { fit, kindName, utc } from '../words.js';
import { lateNow, type Freshness } from './state.js';

const mostLines = 30;

export function detailsOf(freshness: Freshness): string {
  const { promised, check, flows, alarms } = freshness;
  const late = lateNow(freshness).toSorted((one, other) => one.deadline - other.deadline);
  return [
    check.answeredAt === null
      ? 'Tableau has not answered yet.'
      : `**${late.length} of ${promised}** promised items are late, as of ${utc(check.answeredAt)}.`,
    '',
    ...late.slice(0, mostLines).map(({ item, deadline, state, isPaged }) => {
      const name = asMarkdown(fit(publicName(item), 80));
      return `- ${kindName(item.kind)} **${name}** · due ${utc(deadline)} · ${state}${isPaged ? '' : ' · nobody is paged'}`;
    }),
    ...(late.length > mostLines ? [`- and ${late.length - mostLines} more`] : []),
    ...(flows.everyMs === null ? [] : ['', `**${flows.open.length}** flows failed at their last run.`]),
    ...flows.open.slice(-mostLines).map(({ item, failedAt, isPaged }) => {
      const name = asMarkdown(fit(publicName(item), 80));
      return `- ${kindName(item.kind)} **${name}** · failed ${utc(failedAt)}${isPaged ? '' : ' · nobody is paged'}`;
    }),
    ...alarms.map(({ code, since }) => `- Alarm ${code} since ${utc(since)}`),
    '',
    `Next look: ${check.what}${check.id === null ? ` at ${utc(check.nextAt)}` : ', now'}`,
  ].join('\n');
}
