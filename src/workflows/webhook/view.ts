/** How an endpoint reads in the Temporal Web UI, as Markdown. Its key stands for it: the address may be a secret. */
import { utc } from '../words.js';
import type { Endpoint } from './state.js';

export function detailsOf(endpoint: Endpoint): string {
  const { waiting, failures, failingSince, goneAt, dropped, droppedAt, lastPostedAt } = endpoint;
  const [oldest] = waiting;
  return [
    `Posts changes of incidents to the endpoint **${endpoint.endpoint}** of the escalation file.`,
    '',
    lastPostedAt === null ? '- Nothing was posted yet' : `- Last posted ${utc(lastPostedAt)}`,
    oldest === undefined
      ? '- Nothing waits'
      : `- **${waiting.length}** ${waiting.length === 1 ? 'change waits' : 'changes wait'}, the oldest since ${utc(oldest.change.at)}`,
    ...(failingSince === null ? [] : [`- **Fails since ${utc(failingSince)}**, ${failures} times in a row`]),
    ...(goneAt === null ? [] : [`- **Gone since ${utc(goneAt)}**: it answered 410`]),
    ...(droppedAt === null ? [] : [`- **${dropped} given up**, last ${utc(droppedAt)}`]),
  ].join('\n');
}
