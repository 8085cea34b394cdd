/** Which form an endpoint has, and how many changes go into one post. */
import { createHash } from 'node:crypto';
import type { Endpoint, WebhookForm } from '../policy/webhooks.js';
import { changeId, type IncidentChange } from '../workflows/webhook-contract.js';
import { alertmanagerBody } from './alertmanager.js';
import { pagerDutyBody } from './pagerduty.js';
import { slackBody } from './slack.js';
import { standardBody } from './standard.js';
import { teamsBody } from './teams.js';

/** Receivers need not take more: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#payload-size */
const mostBytes = 20_000;

export interface Post {
  /** `webhook-id`: of the change, or made of those of all changes that it names. */
  id: string;
  /** JSON; null where the form has no word for the change. */
  body: string | null;
  /** The changes that it names, from the first on. */
  changes: readonly IncidentChange[];
}

interface Form {
  /** How many changes one post can name. */
  most: number;
  /** Between two posts. */
  pauseMs: number;
  body: (changes: readonly IncidentChange[], publicUrl: string, endpoint: Endpoint) => object | null;
}

const ofFirst =
  (body: (change: IncidentChange, publicUrl: string, endpoint: Endpoint) => object | null): Form['body'] =>
  ([first], publicUrl, endpoint) =>
    first === undefined ? null : body(first, publicUrl, endpoint);

/** Slack takes about one message a second: https://docs.slack.dev/apis/web-api/rate-limits */
const chat = { most: 50, pauseMs: 1_000 } as const;

const forms: Readonly<Record<WebhookForm, Form>> = {
  standard: { most: 1, pauseMs: 0, body: ofFirst(standardBody) },
  slack: { ...chat, body: slackBody },
  teams: { ...chat, body: teamsBody },
  alertmanager: { most: 1, pauseMs: 0, body: ofFirst((change, url, { name }) => alertmanagerBody(change, url, name)) },
  pagerduty: { most: 1, pauseMs: 0, body: ofFirst((change, url, { key = '' }) => pagerDutyBody(change, url, key)) },
};

export const pauseOf = ({ as }: Endpoint): number => forms[as].pauseMs;

/** The next post of these changes, of which there is at least one. Pure. */
export function renderNext(endpoint: Endpoint, changes: readonly IncidentChange[], publicUrl: string): Post {
  const { most, body } = forms[endpoint.as];
  for (let count = Math.min(most, changes.length); ; count = Math.ceil(count / 2)) {
    const some = changes.slice(0, count);
    const made = body(some, publicUrl, endpoint);
    const text = made === null ? null : JSON.stringify(made);
    if (text === null || count <= 1 || Buffer.byteLength(text) < mostBytes)
      return { id: idOf(some), body: text, changes: some };
  }
}

function idOf(changes: readonly IncidentChange[]): string {
  const ids = changes.map(changeId);
  const [first] = ids;
  if (ids.length === 1 && first !== undefined) return first;
  return `several-${createHash('sha256').update(ids.join()).digest('hex').slice(0, 32)}`;
}
