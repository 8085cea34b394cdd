/** An administrator's session: our command line, the sandbox's Tableau, and a receiver where our service would be. */
import type { TestContext } from 'node:test';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.js';
import { ask, signIn } from '../sandbox/tableau/client.js';
import { startReceiver, type WebhookReceiver } from '../sandbox/world.js';
import { run } from './process.js';

export const secret = 'the-webhook-secret-of-the-test';
export const ours = '+15550009999';
/** Where Twilio is to post incoming messages, for a PUBLIC_URL. */
export const incomingAddress = (publicUrl: string): string => `${publicUrl}/twilio/message#rc=3&rp=ct,rt,5xx`;
const pat = { name: 'night-watch', secret: 'pat-secret' };
export const byPat = { TABLEAU_PAT_NAME: pat.name, TABLEAU_PAT_SECRET: pat.secret };
const app = { clientId: 'client-id', secretId: 'secret-id', secretValue: 'a-secret-value-of-thirty-two-letters' };
export const byApp = {
  TABLEAU_CA_CLIENT: app.clientId,
  TABLEAU_CA_SECRET_ID: app.secretId,
  TABLEAU_CA_SECRET_VALUE: app.secretValue,
  TABLEAU_USERNAME: 'tableau.admin',
};

const Hook = Type.Object({
  id: Type.String(),
  name: Type.String(),
  event: Type.String(),
  isEnabled: Type.Boolean(),
  'webhook-destination': Type.Object({ 'webhook-destination-http': Type.Object({ url: Type.String() }) }),
});
const Hooks = Type.Object({
  webhooks: Type.Object({ webhook: Type.Optional(Type.Union([Type.Array(Hook), Hook])) }),
});

export interface AdminSession {
  sandbox: Sandbox;
  receiver: WebhookReceiver;
  /** Where our webhooks should go. */
  here: string;
  /** Our command line, to its end. */
  run: (args: string[], env?: Record<string, string>) => Promise<{ code: number | null; output: string }>;
  /** The same with `--json`: the parsed value and the exit code. */
  runJson: <T extends TSchema>(
    schema: T,
    args: string[],
    env?: Record<string, string>,
  ) => Promise<Static<T> & { code: number | null }>;
  hooks: () => Promise<{ id: string; name: string; event: string; enabled: boolean; url: string }[]>;
  /** As an administrator does by hand. */
  rest: (method: string, path: string, webhook?: object) => Promise<number>;
}

export async function openAdminSession(t: TestContext, options: Partial<SandboxOptions> = {}): Promise<AdminSession> {
  const sandbox = createSandbox({
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: 'an-auth-token-of-the-test',
    pat,
    connectedApp: app,
    users: [{ name: 'by-hand', password: 'by-hand' }],
    ...options,
  });
  const domain = await sandbox.listen();
  t.after(() => sandbox.close());
  const receiver = await startReceiver();
  t.after(() => receiver.close());
  sandbox.setNumber(ours, incomingAddress(receiver.url));
  const env = {
    NODE_ENV: 'test',
    PUBLIC_URL: receiver.url,
    API_TOKEN: 'abcdefgh12345678',
    TABLEAU_DOMAIN: domain,
    TABLEAU_RESTAPI_VERSION: '3.25',
    TABLEAU_WEBHOOK_SECRET: secret,
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_AUTH_TOKEN: 'an-auth-token-of-the-test',
    TWILIO_API_BASE_URL: domain,
    TWILIO_FROM_NUMBER: ours,
    TWILIO_TO_NUMBER: '+15550000001',
  };
  const runs: AdminSession['run'] = async (args, more = byPat) => {
    const started = await run(t, args, { ...env, ...more });
    return { code: await started.ended, output: started.output() };
  };
  const rest = async (method: string, path: string, webhook?: object) => {
    const token = await signIn(sandbox);
    return ask(sandbox, method, `/sites/${sandbox.siteLuid}/webhooks${path}`, {
      token,
      ...(webhook && { body: { webhook } }),
    });
  };
  return {
    sandbox,
    receiver: receiver,
    here: `${receiver.url}/notifier/${secret}`,
    run: runs,
    runJson: async (schema, args, more) => {
      const { code, output } = await runs([...args, '--json'], more);
      return Object.assign(Value.Parse(schema, JSON.parse(output)), { code });
    },
    hooks: async () => {
      const { webhook = [] } = Value.Parse(Hooks, (await rest('GET', '')).body).webhooks;
      return [webhook].flat().map(({ id, name, event, isEnabled, ...one }) => {
        const { url } = one['webhook-destination']['webhook-destination-http'];
        return { id, name, event, enabled: isEnabled, url };
      });
    },
    rest: async (...request) => (await rest(...request)).status,
  };
}
