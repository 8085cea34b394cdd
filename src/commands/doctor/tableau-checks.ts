import { oldestVersion, type Probe, type TableauAdmin } from '../../tableau/rest/admin.js';
import type { Webhook } from '../../tableau/rest/webhook-list.js';
import { mayReadJobs, variablesOf, versionOf } from '../../tableau/rest/sign-in.js';
import { TableauError } from '../../tableau/rest/errors.js';
import type { Config } from '../../config/config.js';
import type { Halves, Part } from '../../config/halves.js';
import type { Escalation } from '../../policy/route.js';
import { messageOf, type Finding } from './finding.js';
import { labelCheck, labelsWork } from './label-check.js';
import { neededEvents, targetOf, unusable, type Place } from '../webhooks/plan.js';

export interface DoctorContext extends Pick<Halves, 'publicUrl' | 'webhookSecrets'> {
  tableau: Config['tableau'];
  escalation: Part<Escalation>;
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

/** Whether Tableau is down or unreachable: then nothing is known about credentials and rights. */
const isUnavailable = (error: unknown): boolean =>
  error instanceof TableauError && error.type === 'tableau-unavailable';

/** The finding about an error; when Tableau is down, its fix is to wait. */
function problem(check: string, error: unknown, { fix, without = '' }: { fix: string; without?: string }): Finding {
  if (isUnavailable(error))
    return {
      check,
      status: 'failed',
      message: messageOf(error),
      fix: 'Wait until Tableau answers again, then repeat this.',
    };
  return { check, status: 'failed', message: `${messageOf(error)}${without}`, fix };
}

/** Runs one check after the other; those that need a server or a sign-in that failed are skipped. */
export async function* checkTableau(context: DoctorContext): AsyncGenerator<Finding> {
  const { down, ...found } = await server(context);
  yield found;
  const signedIn = down ? skipped('sign-in', 'Tableau does not answer.') : await signIn(context);
  yield signedIn;
  const why = down ? 'Tableau does not answer.' : 'It needs a sign-in.';
  for (const right of rights)
    yield signedIn.status === 'ok' ? await mayRead(context, right) : skipped(right.check, why);
  yield signedIn.status === 'ok' ? await metadata(context) : skipped('Metadata API', why);
  if (hasLabels(context)) yield signedIn.status === 'ok' ? await labelsWork(context.service) : skipped(labelCheck, why);
  yield address(context);
  yield down ? skipped('webhooks', why) : await webhooks(context);
}

/** Only where they are on in the escalation file. */
const hasLabels = ({ escalation }: DoctorContext): boolean =>
  'value' in escalation && escalation.value.labels !== undefined;

const skipped = (check: string, message: string): Finding => ({ check, status: 'skipped', message });

async function server({ tableau, service }: DoctorContext): Promise<Finding & { down?: true }> {
  const check = 'server and API version';
  const info = await service.serverInfo().catch((error: unknown) => ({ error }));
  if ('error' in info) return withoutServer(check, info.error);
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

function withoutServer(check: string, error: unknown): Finding & { down?: true } {
  const message = messageOf(error);
  const down = isUnavailable(error) && { down: true as const };
  // Codes of Node for a certificate that no known authority has signed.
  if (/CERT|ISSUER|SIGNED|VERIFY/.test(message)) {
    const fix =
      'For a private certificate authority start this with NODE_EXTRA_CA_CERTS=<its PEM file>: docs/tableau.md.';
    return { check, status: 'failed', message, fix, ...down };
  }
  const fix = message.startsWith('Tableau answered')
    ? 'Tableau itself has a problem: wait, or ask whoever runs it (for Tableau Cloud its status page tells). Nothing is known about the credentials.'
    : 'Tableau is down, or the way to it: TABLEAU_DOMAIN must be its address, and it must be reachable from here. Nothing is known about the credentials.';
  return { check, status: 'failed', message, fix, ...down };
}

async function signIn({ tableau, service }: DoctorContext): Promise<Finding> {
  const check = 'sign-in';
  try {
    const site = await service.site();
    return { check, status: 'ok', message: `To site ${site}. ${tableau.signInReason}` };
  } catch (error) {
    return problem(check, error, { fix: `Check ${variablesOf[tableau.signIn.kind]}.` });
  }
}

async function mayRead(
  { tableau, service }: DoctorContext,
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
    const scopes = byApp ? ` This version of Tableau must let a connected app have the scope ${scope}.` : '';
    return problem(check, error, {
      fix: `Sign in as a site administrator.${scopes}`,
      without: ` Messages lack ${without}.`,
    });
  }
}

async function metadata({ service }: DoctorContext): Promise<Finding> {
  const check = 'Metadata API';
  try {
    await service.probe('lineage');
    return { check, status: 'ok', message: 'Enabled.' };
  } catch (error) {
    const without = ' Messages lack how many workbooks depend on a data source.';
    const fix = 'On Tableau Server: `tsm maintenance metadata-services enable`. Or do without it.';
    return { ...problem(check, error, { fix, without }), status: 'warning' };
  }
}

function address({ tableau, publicUrl }: DoctorContext): Finding {
  const check = 'public address';
  if ('problems' in publicUrl) return lacking(check, publicUrl.problems);
  const unusableBecause = unusable(publicUrl.value, tableau);
  if (unusableBecause === undefined) return { check, status: 'ok', message: `Tableau sends to ${publicUrl.value}.` };
  const fix = 'Put a proxy with a valid certificate before this service, and set PUBLIC_URL to its address.';
  return { check, status: 'failed', message: unusableBecause, fix };
}

/** The finding about variables that a check needs. */
export const lacking = (check: string, problems: readonly string[]): Finding => ({
  check,
  status: 'failed',
  message: problems.join(' '),
  fix: '.env.example explains every variable.',
});

async function webhooks(context: DoctorContext): Promise<Finding> {
  const { publicUrl, webhookSecrets: secrets, escalation, admin, adminByApp } = context;
  const check = 'webhooks';
  if ('problems' in secrets) return lacking(check, secrets.problems);
  if ('problems' in escalation) return lacking(check, escalation.problems);
  if ('problems' in publicUrl) return skipped(check, 'It needs PUBLIC_URL.');
  const place: Place = { publicUrl: publicUrl.value, secrets: secrets.value, name: '' };
  let found: Webhook[];
  try {
    found = await admin.webhooks();
  } catch (error) {
    const fix = adminByApp
      ? 'A connected app cannot manage webhooks: set TABLEAU_PAT_NAME and TABLEAU_PAT_SECRET of an administrator as well.'
      : 'Sign in as a site or server administrator.';
    return problem(check, error, { fix });
  }
  const { events } = neededEvents(escalation.value);
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
