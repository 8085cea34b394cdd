import { parseArgs } from 'node:util';
import { oldestVersion, type TestResult, type Webhook } from '../../tableau/admin.js';
import { versionOf } from '../../tableau/sign-in.js';
import { secretsOf } from '../../config/config.js';
import type { Env } from '../../config/env.js';
import { redact } from '../../service/logger.js';
import { atDesk, type Desk } from '../tableau-session.js';
import { carryOut } from './change.js';
import { isOurs, neededEvents, planDelete, planSync, unusable, type Place } from './plan.js';
import { counted, listed, shownAddress, table, told } from './report.js';

const usage = `Usage: tableau-webhooks webhooks <sync|list|test|delete> [options]

  sync     creates, repairs and removes webhooks in Tableau until they are those that the routes need
  list     every webhook of the site, whether it is enabled and whether it points here
  test     asks Tableau to call each of ours, and says what came back
  delete   removes ours

  --yes          make the changes of sync and delete; without it they are only shown
  --name <name>  what the names of our webhooks begin with (tableau-webhooks): another one for each service on one site
  --json         one JSON value instead of text

Ends with 0 when all is well, 1 when not, 2 when it was asked wrongly. Sign in as a site or server administrator.
`;

interface Options {
  yes: boolean;
  name: string;
}
type Verb = (desk: Desk, place: Place, options: Options) => Promise<number>;
const verbs = new Map<string, Verb>([
  ['sync', sync],
  ['list', list],
  ['test', test],
  ['delete', remove],
]);

/** Tableau's webhooks by its REST API, for scripts and for people. Gives the exit code. */
export async function webhooks(env: Env, args: string[]): Promise<number> {
  const asked = understood(args);
  if (asked === 'help') return (process.stdout.write(usage), 0);
  if (typeof asked === 'string') return (process.stderr.write(`${asked}\n\n${usage}`), 2);
  return atDesk(env, asked.json, async (desk) => {
    const { http, tableau } = desk.config;
    if (versionOf(tableau.apiVersion) < versionOf(oldestVersion)) throw new Error(tooOld(tableau.apiVersion));
    const place = { publicUrl: http.publicUrl, secrets: http.webhookSecrets, name: asked.name };
    return asked.verb(desk, place, asked);
  });
}

function understood(args: string[]): string | (Options & { verb: Verb; json: boolean }) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        yes: { type: 'boolean', short: 'y', default: false },
        json: { type: 'boolean', default: false },
        name: { type: 'string', default: 'tableau-webhooks' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [name = '', ...more] = positionals;
    const verb = verbs.get(name);
    if (!verb || more.length > 0) return `webhooks takes one of ${[...verbs.keys()].join(', ')}.`;
    if (!/^\S{1,60}$/.test(values.name)) return '--name must be one word of at most 60 characters.';
    return { ...values, verb };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const tooOld = (version: string) =>
  `TABLEAU_RESTAPI_VERSION is ${version}, and webhooks need ${oldestVersion} (Tableau Server 2019.4).`;

async function sync({ config, escalation, admin, ...desk }: Desk, place: Place, { yes }: Options): Promise<number> {
  const problem = unusable(config);
  if (problem !== undefined) throw new Error(problem);
  const { events, notes } = neededEvents(escalation);
  const canUpdate = versionOf(config.tableau.apiVersion) >= versionOf('3.8');
  const plan = planSync(await admin.webhooks(), events, place, { canUpdate, shown: shownAddress });
  plan.notes.push(...notes);
  desk.say(`Webhooks of ${config.tableau.domain} to ${shownAddress(`${place.publicUrl}/notifier/`)}:`);
  return carryOut({ ...desk, config, escalation, admin }, plan, place, yes);
}

async function list({ admin, say, tell, config }: Desk, place: Place): Promise<number> {
  const found = await admin.webhooks();
  tell({ webhooks: found.map((webhook) => told(webhook, place)) });
  say(`${counted(found.length, 'webhook')} of ${config.tableau.domain}:`);
  if (found.length > 0) say(listed(found, place));
  return 0;
}

async function test({ admin, say, tell, config }: Desk, place: Place): Promise<number> {
  const ours = (await admin.webhooks()).filter((webhook) => isOurs(webhook, place));
  const none = 'There is no webhook of ours to test: `tableau-webhooks webhooks sync` creates them.';
  const results = [];
  for (const webhook of ours) {
    const result = await admin.test(webhook).catch((error: unknown) => (error instanceof Error ? error : new Error()));
    const problem = result instanceof Error ? result.message : problemOf(result, webhook);
    const answer =
      result instanceof Error
        ? {}
        : { status: result.status ?? null, body: redact(result.body, secretsOf(config)).slice(0, 200) };
    results.push({ ...told(webhook, place), ok: problem === undefined, ...answer, ...(problem && { problem }) });
  }
  const ok = results.length > 0 && results.every((result) => result.ok);
  tell({ ok, results, ...(results.length === 0 && { problem: none }) });
  if (results.length === 0) say(none);
  else say(table(results.map((result) => [result.ok ? 'ok' : 'FAILED', result.event ?? '?', lineOf(result)])));
  return ok ? 0 : 1;
}

const lineOf = (result: { problem?: string; status?: number | null; body?: string }): string =>
  [
    result.status === undefined ? '' : `answer ${result.status ?? 'none'}: ${oneLine(result.body ?? '')}`,
    result.problem ?? '',
  ]
    .filter((part) => part !== '')
    .join('; ');
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim().slice(0, 80) || 'empty';

/** What is wrong with what came back of Tableau's test call, or nothing. */
function problemOf({ status, body }: TestResult, { enabled }: Webhook): string | undefined {
  if (status === 401) return 'its secret is refused here: run sync';
  if (status === undefined || status < 200 || status > 299)
    return 'Tableau does not get through: PUBLIC_URL must lead to this service, by https and a valid certificate';
  if (!/"status"\s*:\s*"test"/.test(body)) return 'something answered that is not this service: look at PUBLIC_URL';
  return enabled ? undefined : 'it is disabled, so that no event comes: run sync';
}

async function remove(desk: Desk, place: Place, { yes }: Options): Promise<number> {
  return carryOut(desk, planDelete(await desk.admin.webhooks(), place), place, yes);
}
