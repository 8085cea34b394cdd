import { oldestVersion, type Probe, type TableauAdmin, type Webhook } from '../../tableau/admin.js';
import { mayReadJobs, variablesOf, versionOf } from '../../tableau/sign-in.js';
import type { Config } from '../../config/config.js';
import type { Escalation } from '../../policy/route.js';
import { messageOf, type Finding } from './finding.js';
import { neededEvents, targetOf, unusable, type Place } from '../webhooks/plan.js';

export interface DoctorContext {
  config: Config;
  escalation: Escalation;
  /** Signs in as the service does. */
  service: TableauAdmin;
  /** Signs in as the webhooks command does. */
  admin: TableauAdmin;
  /** Whether `admin` signs in by connected app, because no other sign-in is configured. */
  adminByApp: boolean;
}

const rights: readonly { check: string; probe: Probe; scope: string; without: string }[] = [
  {
    check: 'workbooks and data sources',
    probe: 'workbooks',
    scope: 'tableau:content:read',
    without: 'what failed, where it is and a link',
  },
  { check: 'users', probe: 'users', scope: 'tableau:users:read', without: 'the owner' },
  { check: 'jobs', probe: 'jobs', scope: 'tableau:jobs:read', without: 'the cause' },
  { check: 'refresh schedules', probe: 'tasks', scope: 'tableau:tasks:read', without: 'how often it failed in a row' },
];

/** Runs one check after the other; those that need a sign-in that failed are skipped. */
export async function* checkTableau(context: DoctorContext): AsyncGenerator<Finding> {
  yield await server(context);
  const signedIn = await signIn(context);
  yield signedIn;
  const skipped = (check: string): Finding => ({ check, status: 'skipped', message: 'It needs a sign-in.' });
  for (const right of rights) yield signedIn.status === 'ok' ? await mayRead(context, right) : skipped(right.check);
  yield signedIn.status === 'ok' ? await metadata(context) : skipped('Metadata API');
  yield address(context);
  yield await webhooks(context);
}

async function server({ config: { tableau }, service }: DoctorContext): Promise<Finding> {
  const check = 'server and API version';
  const info = await service.serverInfo().catch((error: unknown) => messageOf(error));
  if (typeof info === 'string') {
    // Codes of Node for a certificate that no known authority has signed.
    const fix = /CERT|ISSUER|SIGNED|VERIFY/.test(info)
      ? 'For a private certificate authority start this with NODE_EXTRA_CA_CERTS=<its PEM file>: docs/tableau.md.'
      : 'TABLEAU_DOMAIN must be the address of Tableau, and it must be reachable from here.';
    return { check, status: 'failed', message: info, fix };
  }
  const { apiVersion: newest, product } = info;
  if (newest === undefined) {
    const message = 'The server at TABLEAU_DOMAIN is not Tableau.';
    return { check, status: 'failed', message, fix: 'Set TABLEAU_DOMAIN to the address at which you open Tableau.' };
  }
  const ours = versionOf(tableau.apiVersion);
  const message = `REST API ${tableau.apiVersion} is configured, ${newest} is the newest here${product ? ` (Tableau ${product})` : ''}.`;
  if (ours > versionOf(newest))
    return { check, status: 'failed', message, fix: `Set TABLEAU_RESTAPI_VERSION=${newest}.` };
  if (ours < versionOf(oldestVersion)) {
    const fix = `Set TABLEAU_RESTAPI_VERSION=${newest}: webhooks need ${oldestVersion} or later.`;
    return { check, status: 'failed', message, fix };
  }
  return { check, status: 'ok', message };
}

async function signIn({ config: { tableau }, service }: DoctorContext): Promise<Finding> {
  const check = 'sign-in';
  try {
    const site = await service.site();
    return { check, status: 'ok', message: `To site ${site}. ${tableau.signInReason}` };
  } catch (error) {
    return { check, status: 'failed', message: messageOf(error), fix: `Check ${variablesOf[tableau.signIn.kind]}.` };
  }
}

async function mayRead(
  { config: { tableau }, service }: DoctorContext,
  { check, probe, scope, without }: (typeof rights)[number],
): Promise<Finding> {
  const byApp = tableau.signIn.kind === 'jwt';
  if (probe === 'jobs' && !mayReadJobs(tableau.signIn, tableau.apiVersion)) {
    const message = `A connected app may not read jobs in REST API ${tableau.apiVersion}; messages lack ${without}.`;
    const fix = 'Set TABLEAU_RESTAPI_VERSION to 3.25 or later (Tableau 2025.1), or sign in by personal access token.';
    return { check, status: 'failed', message, fix };
  }
  try {
    await service.probe(probe);
    return { check, status: 'ok', message: 'Readable.' };
  } catch (error) {
    const message = `${messageOf(error)} Messages lack ${without}.`;
    const scopes = byApp ? ` This version of Tableau must let a connected app have the scope ${scope}.` : '';
    return { check, status: 'failed', message, fix: `Sign in as a site administrator.${scopes}` };
  }
}

async function metadata({ service }: DoctorContext): Promise<Finding> {
  const check = 'Metadata API';
  try {
    await service.probe('lineage');
    return { check, status: 'ok', message: 'Enabled.' };
  } catch (error) {
    const message = `${messageOf(error)} Messages lack how many workbooks depend on a data source.`;
    const fix = 'On Tableau Server: `tsm maintenance metadata-services enable`. Or do without it.';
    return { check, status: 'warning', message, fix };
  }
}

function address({ config }: DoctorContext): Finding {
  const check = 'public address';
  const problem = unusable(config);
  if (problem === undefined) return { check, status: 'ok', message: `Tableau sends to ${config.http.publicUrl}.` };
  const fix = 'Put a proxy with a valid certificate before this service, and set PUBLIC_URL to its address.';
  return { check, status: 'failed', message: problem, fix };
}

async function webhooks({ config, escalation, admin, adminByApp }: DoctorContext): Promise<Finding> {
  const check = 'webhooks';
  const place: Place = { publicUrl: config.http.publicUrl, secrets: config.http.webhookSecrets, name: '' };
  let found: Webhook[];
  try {
    found = await admin.webhooks();
  } catch (error) {
    const fix = adminByApp
      ? 'A connected app cannot manage webhooks: set TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET of an administrator as well.'
      : 'Sign in as a site or server administrator.';
    return { check, status: 'failed', message: messageOf(error), fix };
  }
  const { events } = neededEvents(escalation);
  const faults = events.flatMap((event) => {
    const fault = faultOf(event, found, place);
    return fault === null ? [] : [{ ...fault, text: `${event} ${fault.text}` }];
  });
  if (faults.length > 0) {
    const status = faults.every(({ mild }) => mild) ? 'warning' : 'failed';
    const fix = '`tableau-webhooks webhooks sync` prints the changes it would make, `--yes` makes them.';
    return { check, status, message: `${faults.map(({ text }) => text).join('; ')}.`, fix };
  }
  const message = `All ${events.length} that the routes need exist, are enabled and point here.`;
  return { check, status: 'ok', message: `${message} \`tableau-webhooks webhooks test\` calls them.` };
}

/** The fault of an event's webhooks, judged by the best of them, or null. */
function faultOf(event: string, found: readonly Webhook[], place: Place): { text: string; mild: boolean } | null {
  const ofEvent = found.filter((webhook) => webhook.event === event);
  const here = ofEvent.filter((webhook) => ['here', 'old-secret'].includes(targetOf(webhook, place)));
  const enabled = here.filter((webhook) => webhook.enabled);
  if (enabled.some((webhook) => targetOf(webhook, place) === 'here')) return null;
  if (enabled.length > 0) return { text: 'has an older secret', mild: true };
  const [disabled] = here;
  if (disabled) return { text: `is disabled${disabled.reason ? ` (${disabled.reason})` : ''}`, mild: false };
  if (ofEvent.some((webhook) => targetOf(webhook, place) === 'wrong-secret'))
    return { text: 'has a secret that this service refuses', mild: false };
  return { text: ofEvent.length > 0 ? 'points elsewhere' : 'has no webhook', mild: false };
}
