import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Env } from '../config/variables.js';
import { outcomeOf, type Outcome } from '../outgoing/outcome.js';
import { createPost, type Answer } from '../outgoing/post.js';
import { renderNext } from '../outgoing/render.js';
import { endpointOf, type Endpoint } from '../policy/webhooks.js';
import type { Escalation } from '../policy/route.js';
import { loadSettings } from '../service/settings.js';
import type { IncidentChange } from '../workflows/webhook-contract.js';
import { fit } from '../workflows/words.js';

const usage = `Usage: tableau-webhooks notify test <name>

Posts a test to an outgoing webhook of the escalation file, "triggered" and then "recovered", by its form, its address and its
signature, and prints what came back. Opens no incident, and nothing is tried again. In PagerDuty it opens an alert, which the
second post resolves.

  <name>  the key of the webhook under "webhooks" in the escalation file

Exits with 0 when both were taken, 1 when not, 2 for wrong arguments.
`;

/** Posts a test to an endpoint. Gives the exit code. */
export async function notify(env: Env, args: string[]): Promise<number> {
  const name = nameFrom(args);
  if (name === null) return (process.stdout.write(usage), 0);
  if (typeof name === 'object') return (process.stderr.write(`${name.wrong}\n\n${usage}`), 2);
  const { config, escalation } = loadSettings(env);
  const endpoint = endpointNamed(escalation, name, config.webhookVariables ?? {});
  const post = createPost();
  let isTaken = true;
  for (const change of testChanges(randomUUID(), Date.now())) {
    const { id, body } = renderNext(endpoint, [change], config.publicUrl);
    if (body === null) continue;
    const answer = await post(endpoint, { id, body });
    const outcome = outcomeOf(answer);
    process.stdout.write(`${change.type}: ${describe(outcome, answer)}\n`);
    isTaken &&= outcome.how === 'delivered';
    if (!isTaken) break;
    await new Promise((resolve) => setTimeout(resolve, betweenMs));
  }
  return isTaken ? 0 : 1;
}

/** Chats take one message a second. */
const betweenMs = 1_100;

function nameFrom(args: string[]): string | { wrong: string } | null {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h', default: false } },
    });
    if (values.help) return null;
    const [action, name, ...more] = positionals;
    if (action !== 'test') return { wrong: 'notify knows "test" alone.' };
    if (name === undefined || more.length > 0) return { wrong: 'notify test takes the name of one webhook.' };
    return name;
  } catch (error) {
    return { wrong: `notify: ${error instanceof Error ? error.message : 'wrong arguments'}` };
  }
}

function endpointNamed(
  { webhooks = {} }: Escalation,
  name: string,
  variables: Readonly<Record<string, string>>,
): Endpoint {
  const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined;
  const names = Object.keys(webhooks);
  if (!webhook)
    throw new Error(
      names.length === 0
        ? 'The escalation file has no webhooks.'
        : `There is no webhook "${name}": the escalation file has ${names.join(', ')}.`,
    );
  const endpoint = endpointOf(name, webhook, variables);
  if (Array.isArray(endpoint)) throw new Error(endpoint.join('\n'));
  return endpoint;
}

/** Of an incident that is none, another one each time. */
function testChanges(uuid: string, now: number): IncidentChange[] {
  const incident = {
    id: `test:${uuid}`,
    item: { kind: 'item', luid: uuid, name: 'Test of outgoing webhooks', site: '-' },
    event: 'TestOfOutgoingWebhooks',
    cause: 'This is a test: nothing is broken.',
    failures: 1,
    firstFailedAt: now,
    lastFailedAt: now,
    by: null,
    policy: 'test',
    severity: 'low',
  } as const;
  return [
    { source: uuid, n: 1, type: 'triggered', at: now, incident: { ...incident, state: 'triggered' } },
    { source: uuid, n: 2, type: 'recovered', at: now, incident: { ...incident, state: 'resolved' } },
  ];
}

function describe(outcome: Outcome, answer: Answer): string {
  if ('error' in answer) return `${answer.error}.`;
  const said = fit(answer.text.replace(/\p{Cc}/gu, ' '), 200);
  const what = { delivered: 'taken', refused: 'refused', unavailable: 'not taken', gone: 'gone' }[outcome.how];
  return `${what}, it answered ${answer.status}${said === '' ? '.' : `: ${said}`}`;
}
