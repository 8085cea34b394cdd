import { oldestVersion, type Probe, type TableauAdmin, type Webhook } from '../../tableau/admin.js';
import { mayReadJobs, variablesOf, versionOf } from '../../tableau/sign-in.js';
import type { Config } from '../../config/config.js';
import type { Escalation } from '../../policy/route.js';
import { neededEvents, standingOf, unusable, type Place } from '../webhooks/plan.js';

export interface Finding {
  check: string;
  /** `warning`: the service does its work, with less in its messages or not for long. */
  status: 'ok' | 'warning' | 'failed' | 'skipped';
  says: string;
  /** What to do about it. */
  fix?: string;
}

export interface Patient {
  config: Config;
  escalation: Escalation;
  /** Signs in as the service does. */
  service: TableauAdmin;
  /** Signs in as the webhooks command does. */
  admin: TableauAdmin;
  /** Whether that is by a connected app, for want of another sign-in. */
  adminByApp: boolean;
}

const rights: readonly { check: string; probe: Probe; scope: string; without: string }[] = [
  {
    check: 'workbooks and data sources',
    probe: 'workbooks',
    scope: 'tableau:content:read',
    without: 'what failed, where it is and a link',
  },
  { check: 'users', probe: 'users', scope: 'tableau:users:read', without: 'whose it is' },
  { check: 'jobs', probe: 'jobs', scope: 'tableau:jobs:read', without: 'why it failed' },
  { check: 'refresh schedules', probe: 'tasks', scope: 'tableau:tasks:read', without: 'how often it failed in a row' },
];

const problemIn = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Looks at one thing after the other; what cannot be looked at, because something before it failed, is skipped. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  yield await server(patient);
  const signedIn = await signIn(patient);
  yield signedIn;
  const skipped = (check: string): Finding => ({ check, status: 'skipped', says: 'without a sign-in nothing is seen' });
  for (const right of rights) yield signedIn.status === 'ok' ? await mayRead(patient, right) : skipped(right.check);
  yield signedIn.status === 'ok' ? await metadata(patient) : skipped('Metadata API');
  yield address(patient);
  yield await webhooks(patient);
}

async function server({ config: { tableau }, service }: Patient): Promise<Finding> {
  const check = 'server and API version';
  const asked = await service.serverInfo().catch((error: unknown) => problemIn(error));
  if (typeof asked === 'string') {
    const fix = 'TABLEAU_DOMAIN must be the address of Tableau, and it must be reachable from here.';
    return { check, status: 'failed', says: asked, fix };
  }
  const { apiVersion: newest, product } = asked;
  if (newest === undefined) {
    const says = 'What answers at TABLEAU_DOMAIN does not speak as Tableau does.';
    return { check, status: 'failed', says, fix: 'Set TABLEAU_DOMAIN to the address that you open Tableau at.' };
  }
  const ours = versionOf(tableau.apiVersion);
  const says = `REST API ${tableau.apiVersion} is asked for, ${newest} is the newest here${product ? ` (Tableau ${product})` : ''}.`;
  if (ours > versionOf(newest)) return { check, status: 'failed', says, fix: `Set TABLEAU_RESTAPI_VERSION=${newest}.` };
  if (ours < versionOf(oldestVersion)) {
    const fix = `Set TABLEAU_RESTAPI_VERSION=${newest}: webhooks need ${oldestVersion} or later.`;
    return { check, status: 'failed', says, fix };
  }
  return { check, status: 'ok', says };
}

async function signIn({ config: { tableau }, service }: Patient): Promise<Finding> {
  const check = 'sign-in';
  const ways = { pat: 'a personal access token', jwt: 'a connected app', password: 'user and password' };
  try {
    const site = await service.site();
    return { check, status: 'ok', says: `By ${ways[tableau.signIn.kind]}, to site ${site}.` };
  } catch (error) {
    return { check, status: 'failed', says: problemIn(error), fix: `Check ${variablesOf[tableau.signIn.kind]}.` };
  }
}

async function mayRead(
  { config: { tableau }, service }: Patient,
  { check, probe, scope, without }: (typeof rights)[number],
): Promise<Finding> {
  const byApp = tableau.signIn.kind === 'jwt';
  if (probe === 'jobs' && !mayReadJobs(tableau.signIn, tableau.apiVersion)) {
    const says = `A connected app may not read jobs in REST API ${tableau.apiVersion}; messages do not say ${without}.`;
    const fix = 'Set TABLEAU_RESTAPI_VERSION to 3.25 or later (Tableau 2025.1), or sign in by personal access token.';
    return { check, status: 'failed', says, fix };
  }
  try {
    await service.probe(probe);
    return { check, status: 'ok', says: 'May be read.' };
  } catch (error) {
    const says = `${problemIn(error)} Messages do not say ${without}.`;
    const scopes = byApp ? ` This version of Tableau must let a connected app have the scope ${scope}.` : '';
    return { check, status: 'failed', says, fix: `Sign in as a site administrator.${scopes}` };
  }
}

async function metadata({ service }: Patient): Promise<Finding> {
  const check = 'Metadata API';
  try {
    await service.probe('lineage');
    return { check, status: 'ok', says: 'Answers.' };
  } catch (error) {
    const says = `${problemIn(error)} Messages do not say how many workbooks hang on a data source.`;
    const fix = 'On Tableau Server: `tsm maintenance metadata-services enable`. Or do without it.';
    return { check, status: 'warning', says, fix };
  }
}

function address({ config }: Patient): Finding {
  const check = 'public address';
  const problem = unusable(config);
  if (problem === undefined) return { check, status: 'ok', says: `Tableau sends to ${config.http.publicUrl}.` };
  return { check, status: 'failed', says: problem, fix: 'Put a proxy with a certificate before it; set PUBLIC_URL.' };
}

async function webhooks({ config, escalation, admin, adminByApp }: Patient): Promise<Finding> {
  const check = 'webhooks';
  const place: Place = { publicUrl: config.http.publicUrl, secrets: config.http.webhookSecrets, name: '' };
  let found: Webhook[];
  try {
    found = await admin.webhooks();
  } catch (error) {
    const fix = adminByApp
      ? 'A connected app cannot manage webhooks: set TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET of an administrator as well.'
      : 'Sign in as a site or server administrator.';
    return { check, status: 'failed', says: problemIn(error), fix };
  }
  const { events } = neededEvents(escalation);
  const wanting = events.flatMap((event) => {
    const lack = lackOf(event, found, place);
    return lack === null ? [] : [{ event, ...lack }];
  });
  const fix = '`npx tableau-webhooks webhooks sync` shows what it will change, `--yes` changes it.';
  if (wanting.length > 0) {
    const status = wanting.every(({ mild }) => mild) ? 'warning' : 'failed';
    return { check, status, says: `${wanting.map(({ event, says }) => `${event} ${says}`).join('; ')}.`, fix };
  }
  const says = `All ${events.length} that the routes need are there, enabled and pointing here.`;
  return { check, status: 'ok', says: `${says} \`npx tableau-webhooks webhooks test\` calls them.` };
}

/** What an event lacks, judged by the best webhook that it has. */
function lackOf(event: string, found: readonly Webhook[], place: Place): { says: string; mild: boolean } | null {
  const there = found.filter((webhook) => webhook.event === event);
  const here = there.filter((webhook) => ['here', 'old-secret'].includes(standingOf(webhook, place)));
  const enabled = here.filter((webhook) => webhook.enabled);
  if (enabled.some((webhook) => standingOf(webhook, place) === 'here')) return null;
  if (enabled.length > 0) return { says: 'has an older secret', mild: true };
  const [disabled] = here;
  if (disabled) return { says: `is disabled${disabled.reason ? ` (${disabled.reason})` : ''}`, mild: false };
  if (there.some((webhook) => standingOf(webhook, place) === 'wrong-secret'))
    return { says: 'has a secret that is refused here', mild: false };
  return { says: there.length > 0 ? 'goes elsewhere only' : 'has no webhook', mild: false };
}
