import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { pageTemplate } from '../src/twilio/page-template.js';
import { contentSid, numbers, phones, type DemoSettings } from './settings.js';

const SignedIn = Type.Object({
  credentials: Type.Object({ token: Type.String(), site: Type.Object({ id: Type.String() }) }),
});

const events = [
  'WorkbookRefreshFailed',
  'WorkbookRefreshSucceeded',
  'DatasourceRefreshFailed',
  'DatasourceRefreshSucceeded',
];

const items = [
  { kind: 'workbook', name: 'Sales', project: 'Finance', owner: 'Ana Lima' },
  { kind: 'workbook', name: 'Inventory', project: 'Operations', owner: 'Ben Ito' },
  { kind: 'datasource', name: 'Customers', project: 'Marketing', owner: 'Ana Lima' },
];

/**
 * Sets the sandbox up as a person sets up the real Tableau and Twilio: content that can fail, webhooks by Tableau's REST API, and
 * at Twilio the address for incoming messages and the template of a page. Its page shows the incidents of the service beside the phones.
 * @param links for people: name → address
 */
export async function prepareSandbox(
  { config: { http, publicUrl, tableau }, pat }: DemoSettings,
  links: Record<string, string>,
): Promise<void> {
  const outside = tableau.domain;
  for (const item of items) await request('POST', `${outside}/sandbox/tableau/items`, item);
  for (const number of [numbers.sms, `whatsapp:${numbers.whatsapp}`]) {
    const messageUrl = `${publicUrl}/twilio/message`;
    await request('PUT', `${outside}/sandbox/numbers/${encodeURIComponent(number)}`, { messageUrl });
  }

  for (const [name, number] of Object.entries(phones))
    await request('PUT', `${outside}/sandbox/phones/${encodeURIComponent(number)}`, { name });
  await request('PUT', `${outside}/sandbox/service`, { url: publicUrl, apiToken: http.apiToken, links });

  const { body, buttons } = pageTemplate;
  await request('PUT', `${outside}/sandbox/templates/${contentSid}`, { body, buttons });

  const rest = `${outside}/api/${tableau.apiVersion}`;
  const signIn = {
    credentials: {
      personalAccessTokenName: pat.name,
      personalAccessTokenSecret: pat.secret,
      site: { contentUrl: tableau.siteName },
    },
  };
  const { credentials } = parse(SignedIn, await request('POST', `${rest}/auth/signin`, signIn));
  const url = `${publicUrl}/notifier/${http.webhookSecrets[0] ?? ''}`;
  for (const event of events) {
    const destination = { 'webhook-destination-http': { method: 'POST', url } };
    const webhook = { name: `Pager ${event}`, event, 'webhook-destination': destination };
    await request('POST', `${rest}/sites/${credentials.site.id}/webhooks`, { webhook }, credentials.token);
  }
  await request('POST', `${rest}/auth/signout`, undefined, credentials.token);
}

async function request(method: string, url: string, body?: object, token?: string): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: {
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { 'x-tableau-auth': token }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(
      `The sandbox answered ${method} ${new URL(url).pathname} with ${response.status}: ${text.slice(0, 300)}`,
    );
  }
  return text === '' ? null : JSON.parse(text);
}

function parse<T extends TSchema>(schema: T, value: unknown): Static<T> {
  return Value.Parse(schema, value);
}
