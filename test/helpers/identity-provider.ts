/** An identity provider as a real process, for whom the tests sign in: every name of an account is let in, with any password. */
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.js';
import { programOf, type Program } from './processes.js';

export interface IdentityProviderSettings {
  port: number;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** What it says of each account. */
  accounts: Record<string, { email?: string; email_verified?: boolean | string; groups?: string[]; name?: string }>;
  /** Whether all of it is in the ID token, too; else in the user info alone. */
  idTokens?: boolean;
}

export interface TestIdentityProvider extends Program {
  issuer: string;
  clientId: string;
  clientSecret: string;
}

const root = fileURLToPath(new URL('../../', import.meta.url));

/** It is not started yet. */
export async function identityProvider(
  settings: Pick<IdentityProviderSettings, 'redirectUri' | 'accounts' | 'idTokens'>,
): Promise<TestIdentityProvider> {
  const port = await freePort();
  const client = { clientId: 'tableau-webhooks', clientSecret: 'a-secret:of the/client+1' };
  const all: IdentityProviderSettings = { port, ...client, ...settings };
  const program = programOf({
    name: 'identity provider',
    file: process.execPath,
    args: ['--import', './scripts/load-typescript.mjs', 'test/helpers/identity-provider-process.ts'],
    env: { PATH: process.env['PATH'] ?? '', IDENTITY_PROVIDER: JSON.stringify(all) },
    cwd: root,
    ready: (output) => output.includes('listening'),
  });
  return { ...program, ...client, issuer: `http://127.0.0.1:${port}` };
}
