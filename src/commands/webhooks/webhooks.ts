import { parseArgs } from 'node:util';
import { oldestVersion, type TestResult } from '../../tableau/rest/admin.js';
import type { Webhook } from '../../tableau/rest/webhook-list.js';
import { versionOf } from '../../tableau/rest/sign-in.js';
import type { Env } from '../../config/variables.js';
import { redact } from '../../service/redact.js';
import { withAdminSession, type AdminSession } from '../tableau-session.js';
import { carryOut } from './change.js';
import { isOurs, neededEvents, planDelete, planSync, unusable, type Place } from './plan.js';
import { counted, webhookTable, shownAddress, table, webhookJson } from './report.js';

const usage = `Usage: tableau-webhooks webhooks <sync|list|test|delete> [options]

  sync     creates, repairs and removes webhooks in Tableau until they are those that the routes need
  list     prints every webhook of the site, whether it is enabled and whether it points here
  test     makes Tableau call each of ours, and prints the response
  delete   removes ours

  --yes          make the changes of sync and delete; without it they are only shown
  --name <name>  prefix of the names of our webhooks (tableau-webhooks); services that share a site need different ones
  --json         one JSON value instead of text

Exits with 0 when all is well, 1 when not, 2 for wrong arguments. Sign in as a site or server administrator.
`;

interface Options {
  yes: boolean;
  name: string;
}
type Verb = (session: AdminSession, place: Place, options: Options) => Promise<number>;
const verbs = new Map<string, Verb>([
  ['sync', sync],
  ['list', list],
  ['test', test],
  ['delete', remove],
]);

/** Manages Tableau's webhooks by its REST API. Gives the exit code. */
export async function webhooks(env: Env, args: string[]): Promise<number> {
  const options = parse(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') return (process.stderr.write(`${options}\n\n${usage}`), 2);
  return withAdminSession(env, options.json, async (session) => {
    const { http, publicUrl, tableau } = session.config;
    if (versionOf(tableau.apiVersion) < versionOf(oldestVersion)) throw new Error(tooOld(tableau.apiVersion));
    const place = { publicUrl, secrets: http.webhookSecrets, name: options.name };
    return options.verb(session, place, options);
  });
}

function parse(args: string[]): string | (Options & { verb: Verb; json: boolean }) {
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

async function sync(
  { config, escalation, admin, ...output }: AdminSession,
  place: Place,
  { yes }: Options,
): Promise<number> {
  const problem = unusable(config.publicUrl, config.tableau);
  if (problem !== undefined) throw new Error(problem);
  const { events, notes } = neededEvents(escalation);
  const canUpdate = versionOf(config.tableau.apiVersion) >= versionOf('3.8');
  const plan = planSync(await admin.webhooks(), events, place, { canUpdate, shown: shownAddress });
  plan.notes.push(...notes);
  output.print(`Webhooks of ${config.tableau.domain} to ${shownAddress(`${place.publicUrl}/notifier/`)}:`);
  return carryOut({ ...output, config, escalation, admin }, plan, place, yes);
}

async function list({ admin, print, printJson, config }: AdminSession, place: Place): Promise<number> {
  const found = await admin.webhooks();
  printJson({ webhooks: found.map((webhook) => webhookJson(webhook, place)) });
  print(`${counted(found.length, 'webhook')} of ${config.tableau.domain}:`);
  if (found.length > 0) print(webhookTable(found, place));
  return 0;
}

async function test({ admin, print, printJson, config }: AdminSession, place: Place): Promise<number> {
  const ours = (await admin.webhooks()).filter((webhook) => isOurs(webhook, place));
  const none = 'There is no webhook of ours to test: `tableau-webhooks webhooks sync` creates them.';
  const results = [];
  for (const webhook of ours) {
    const result = await admin.test(webhook).catch((error: unknown) => (error instanceof Error ? error : new Error()));
    const problem = result instanceof Error ? result.message : problemOf(result, webhook);
    const answer =
      result instanceof Error
        ? {}
        : { status: result.status ?? null, body: redact(result.body, config.secrets).slice(0, 200) };
    results.push({ ...webhookJson(webhook, place), ok: problem === undefined, ...answer, ...(problem && { problem }) });
  }
  const ok = results.length > 0 && results.every((result) => result.ok);
  printJson({ ok, results, ...(results.length === 0 && { problem: none }) });
  if (results.length === 0) print(none);
  else print(table(results.map((result) => [result.ok ? 'ok' : 'FAILED', result.event ?? '?', lineOf(result)])));
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

/** What is wrong with the response to Tableau's test call, or undefined. */
function problemOf({ status, body }: TestResult, { enabled }: Webhook): string | undefined {
  if (status === 401) return 'this service refuses its secret: run sync';
  if (status === undefined || status < 200 || status > 299)
    return 'Tableau does not reach this service: PUBLIC_URL must lead to it, by https and a valid certificate';
  if (!/"status"\s*:\s*"test"/.test(body)) return 'another server answered: check PUBLIC_URL';
  return enabled ? undefined : 'it is disabled and sends no events: run sync';
}

async function remove(session: AdminSession, place: Place, { yes }: Options): Promise<number> {
  return carryOut(session, planDelete(await session.admin.webhooks(), place), place, yes);
}
