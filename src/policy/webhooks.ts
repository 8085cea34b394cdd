/** Outgoing webhooks of the escalation file (docs/webhooks.md): who is told of changes of incidents, in which form. */
import { createHash } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { changeTypes, type ChangeType } from '../workflows/change-types.js';
import { matchesPath } from './glob.js';

const strict = { additionalProperties: false };

/** The form of what is posted. */
export const webhookForms = ['standard', 'slack', 'teams', 'alertmanager', 'pagerduty'] as const;
export type WebhookForm = (typeof webhookForms)[number];

/** A variable of the environment: of those that begin so, and of no others, since whoever writes the file must not learn the rest. */
const variable = '\\$WEBHOOK_[A-Z0-9_]{1,64}';
const isVariable = (text: string): boolean => new RegExp(`^${variable}$`).test(text);

export const WebhookEntry = Type.Object(
  {
    as: Type.Optional(Type.Enum([...webhookForms])),
    url: Type.Optional(Type.String({ maxLength: 2_000, pattern: `^(https?://[!-~]+|${variable})$` })),
    secret: Type.Optional(Type.String({ pattern: `^${variable}$` })),
    key: Type.Optional(Type.String({ pattern: `^${variable}$` })),
    events: Type.Optional(Type.Array(Type.Enum([...changeTypes]), { minItems: 1, maxItems: changeTypes.length })),
    policies: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1, maxItems: 50 })),
    projects: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { minItems: 1, maxItems: 50 })),
    private: Type.Optional(Type.Literal(true)),
  },
  strict,
);
type WebhookEntry = Static<typeof WebhookEntry>;

/** Each has a workflow, and at most one request under way in each worker process. */
export const mostWebhooks = 10;

/** As `expected` of the file. */
export const expectedOfWebhooks = {
  webhooks: `a map of outgoing webhooks, at most ${mostWebhooks}`,
  as: webhookForms.join(', ').replace(/, (\w+)$/, ' or $1'),
  url: 'an https address, or a variable of the environment such as $WEBHOOK_TEAM_URL',
  secret: 'a variable of the environment, such as $WEBHOOK_TEAM_SECRET',
  key: 'a variable of the environment, such as $WEBHOOK_PAGERDUTY_KEY',
  projects: 'a list of paths of projects, at least one, such as "Finance/**"',
  private: 'true: the address may be private',
} as const;

/** What keys of a webhook must be that mean something else in other parts of the file, and their entries. */
export const ofWebhooks: Readonly<Record<string, { list: string; entry: string }>> = {
  events: {
    list: `a list of changes, at least one of ${changeTypes.join(', ')}`,
    entry: `one of ${changeTypes.join(', ')}`,
  },
  policies: { list: 'a list of names of policies, at least one', entry: 'the name of a policy' },
  projects: { list: expectedOfWebhooks.projects, entry: 'the path of a project, such as "Finance/**"' },
};

/** As the file has it: texts that begin with $ are variables of the environment. */
export interface Webhook {
  as: WebhookForm;
  url: string;
  /** Signs what is posted. */
  secret?: string;
  /** The routing key of PagerDuty. */
  key?: string;
  changes: readonly ChangeType[];
  policies?: readonly string[];
  projects?: readonly string[];
  /** Its address may be private, and http. */
  isPrivate: boolean;
}

/** https://developer.pagerduty.com/docs/send-alert-event */
export const pagerDutyUrl = 'https://events.pagerduty.com/v2/enqueue';

export const webhookFrom = ({ as = 'standard', events, url, ...entry }: WebhookEntry): Webhook => ({
  as,
  url: url ?? pagerDutyUrl,
  changes: events ?? changeTypes,
  isPrivate: entry.private === true,
  ...(entry.secret !== undefined && { secret: entry.secret }),
  ...(entry.key !== undefined && { key: entry.key }),
  ...(entry.policies && { policies: entry.policies }),
  ...(entry.projects && { projects: entry.projects }),
});

type Webhooks = Readonly<Record<string, Webhook>>;

/** What the event of an item says of outgoing webhooks: nothing where there are none. */
export function reportingOf({ webhooks = {} }: { webhooks?: Webhooks }): { changes?: ChangeType[] } {
  const wanted = new Set(Object.values(webhooks).flatMap(({ changes }) => changes));
  return wanted.size > 0 ? { changes: changeTypes.filter((type) => wanted.has(type)) } : {};
}

/** Whether an endpoint is for incidents of this policy and project. A project that is not known may be any. */
export const concerns = (
  { policies, projects }: Pick<Webhook, 'policies' | 'projects'>,
  { policy, project }: { policy: string; project?: string },
): boolean =>
  (policies?.includes(policy) ?? true) &&
  (project === undefined || (projects?.some((pattern) => matchesPath(pattern, project)) ?? true));

/** A webhook with the values of its variables. */
export interface Endpoint {
  /** Its key in the file. */
  name: string;
  as: WebhookForm;
  url: string;
  /** Of Standard Webhooks, `whsec_…`: two while they are rotated. */
  secrets: string[];
  key?: string;
  isPrivate: boolean;
  /** Another text when anything changes by which the endpoint may take what it did not. */
  version: string;
}

export type WebhookVariables = Readonly<Record<string, string>>;

/** @returns the endpoint, or what is wrong with its variables: sentences without any value */
export function endpointOf(name: string, webhook: Webhook, variables: WebhookVariables): Endpoint | string[] {
  const problems: string[] = [];
  const valueOf = (text: string, problemOf: (value: string) => string | null): string => {
    const value = isVariable(text) ? variables[text.slice(1)] : text;
    if (value === undefined)
      problems.push(`${text.slice(1)} is missing: webhooks.${name} of the escalation file names it.`);
    else if (isVariable(text)) {
      const wrong = problemOf(value);
      if (wrong !== null) problems.push(`${text.slice(1)} is wrong: it must be ${wrong}.`);
    }
    return value ?? '';
  };
  const url = valueOf(webhook.url, (value) => urlProblem(value, webhook.isPrivate));
  const secrets = secretsIn(webhook.secret === undefined ? '' : valueOf(webhook.secret, secretProblem));
  const key = webhook.key === undefined ? undefined : valueOf(webhook.key, () => null);
  if (problems.length > 0) return problems;
  return {
    name,
    as: webhook.as,
    url,
    secrets,
    isPrivate: webhook.isPrivate,
    version: createHash('sha256')
      .update(JSON.stringify([webhook.as, url, key, secrets, webhook.isPrivate]))
      .digest('hex')
      .slice(0, 16),
    ...(key !== undefined && { key }),
  };
}

/** What the address must be; null: it is. */
export function urlProblem(text: string, isPrivate: boolean): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const is = url?.protocol === 'https:' || (isPrivate && url?.protocol === 'http:');
  if (!url || !is) return isPrivate ? 'an http or https address' : 'an https address (http with "private: true")';
  return url.username || url.password ? 'an address without a user and a password' : null;
}

const secretsIn = (text: string): string[] => text.split(',').flatMap((one) => one.trim() || []);

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
function secretProblem(text: string): string | null {
  const isGood = (secret: string): boolean => {
    const encoded = secret.replace(/^whsec_/, '');
    const { length } = Buffer.from(encoded, 'base64');
    return /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && length >= 24 && length <= 64;
  };
  const secrets = secretsIn(text);
  return secrets.length > 0 && secrets.every(isGood)
    ? null
    : '"whsec_" and 24 to 64 bytes in base64, such as from "openssl rand -base64 32" (two with a comma between while they are rotated)';
}

/** What is wrong with the variables of all webhooks. */
export const variableProblems = (webhooks: Webhooks, variables: WebhookVariables): string[] => [
  ...new Set(
    Object.entries(webhooks).flatMap(([name, webhook]) => {
      const found = endpointOf(name, webhook, variables);
      return Array.isArray(found) ? found : [];
    }),
  ),
];
