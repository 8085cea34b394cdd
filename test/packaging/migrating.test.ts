import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'dotenv';
import { ConfigError } from '../../src/config/config-error.js';
import { loadConfig } from '../../src/config/config.js';
import { production, read } from './files.js';

/** As the README of the original has it at its end (d1f92b2), filled in; it wanted every one of them. */
const last = `
TABLEAU_DOMAIN='eu-west-1a.online.tableau.com'
TABLEAU_SITENAME='acme'
TABLEAU_RESTAPI_VERSION='3.17'
TABLEAU_SESSION_MINUTES=240
TABLEAU_USERNAME='admin@acme.example'
TABLEAU_CA_CLIENT='unused'
TABLEAU_CA_SECRET_ID='unused'
TABLEAU_CA_SECRET_VALUE='unused'
TABLEAU_PAT_NAME='notifier'
TABLEAU_PAT_SECRET='Vb5gNx0kMo2tRw7i=='
FLASK_ENV='production'
`;
const twilio = `
TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef
TWILIO_AUTH_TOKEN=5f3a9c7e1b2d4860a4c8e6f0b1d3a597
TWILIO_FROM_NUMBER=+15550009999
TWILIO_TO_NUMBER=+15550000001
WHATSAPP_FROM=whatsapp:+14155238886
WHATSAPP_TO=whatsapp:+15550000001
`;
/** As its example-env was while it sent by Twilio (00f0dde), filled in. */
const first = `
TABLEAU_PAT_NAME=notifier
TABLEAU_PASSWORD=Vb5gNx0kMo2tRw7i==
TABLEAU_SITENAME=acme
TABLEAU_SERVER=https://eu-west-1a.online.tableau.com
${twilio.trim()}
`;

/** As the README of the original has it in between: a connected app, a token and Twilio in one file, filled in. */
const all = last.replace('FLASK_ENV', `${twilio.trim()}\nFLASK_ENV`);

const [, block = ''] = /## What to add to the old \.env\n[^]*?```sh\n([^]*?)```/.exec(read('docs/migrating.md')) ?? [];
/** A line of the block, whether it is commented out or not. */
const line = /^(?:# )?([A-Z_]+)=(.*)$/;

/** An old .env with the block of docs/migrating.md after it: `fills` says which of its lines the reader fills in. */
function extended(old: string, fills: (name: string) => boolean = () => true): Record<string, string> {
  const values: Record<string, string> = production;
  const filled = block.split('\n').map((text) => {
    const [, name = '', value = ''] = line.exec(text) ?? [];
    const isMissing = name !== '' && parse(old)[name] === undefined;
    return isMissing && fills(name) ? `${name}=${value || (values[name] ?? '')}` : text;
  });
  return parse(`${old}\n${filled.join('\n')}`);
}
/** What the table of docs/migrating.md renames. */
const renames = [...read('docs/migrating.md').matchAll(/^\| `(\w+)` \(old[^|]*\| `(\w+)` +\| rename/gm)].map(
  ([, from = '', to = '']) => [from, to] as const,
);
const moved = (env: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [renames.find(([from]) => from === name)?.[1] ?? name, value]),
  );
const problems = (env: Record<string, string>): string[] => {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};
const embedded = { EMBEDDED_TEMPORAL: 'true' };

describe("the original's .env stays valid", () => {
  test('the one of its last version, with the lines to add', () => {
    const config = loadConfig({ ...extended(last), ...embedded });
    const { tableau, defaultContact } = config;
    assert.deepEqual(
      [tableau.domain, tableau.siteName, tableau.apiVersion, tableau.sessionMinutes],
      ['https://eu-west-1a.online.tableau.com', 'acme', '3.17', 240],
    );
    assert.deepEqual([config.twilio.from, defaultContact], ['+15550009999', { phone: '+15550000001' }]);
  });

  test('the block blanks no value of any generation, whichever of its lines are filled in', () => {
    assert.ok(block.split('\n').filter((text) => line.test(text)).length >= 8);
    for (const old of [first, all, last]) {
      for (const fills of [() => true, () => false]) {
        const now = extended(old, fills);
        for (const [name, value] of Object.entries(parse(old))) assert.equal(now[name], value, name);
      }
    }
  });

  test('the one with a connected app, a token and Twilio: it signs in by the connected app, and start-up says so', () => {
    const env = { ...extended(all, (name) => !name.startsWith('TWILIO_')), ...embedded };
    const { tableau, twilio: sender, defaultContact } = loadConfig(env);
    assert.deepEqual([sender.from, sender.whatsappFrom], ['+15550009999', '+14155238886']);
    assert.deepEqual(defaultContact, { whatsapp: '+15550000001', phone: '+15550000001' });
    assert.equal(tableau.signIn.kind, 'jwt');
    assert.match(
      tableau.signInReason,
      /by the connected app \(TABLEAU_CA_\*\)\. It is preferred to the personal access/,
    );
    const emptied = loadConfig({
      ...env,
      TABLEAU_CA_CLIENT: '',
      TABLEAU_CA_SECRET_ID: '',
      TABLEAU_CA_SECRET_VALUE: '',
    });
    assert.equal(emptied.tableau.signIn.kind, 'pat');
    assert.match(emptied.tableau.signInReason, /by the personal access token \(TABLEAU_PAT_\*\)\.$/);
  });

  test('the one of its last version signs in by the connected app, which the original did not use, until its variables are emptied', () => {
    const old = { ...extended(last), ...embedded };
    assert.equal(loadConfig(old).tableau.signIn.kind, 'jwt');
    const emptied = { ...old, TABLEAU_CA_CLIENT: '', TABLEAU_CA_SECRET_ID: '', TABLEAU_CA_SECRET_VALUE: '' };
    assert.deepEqual(loadConfig(emptied).tableau.signIn, {
      kind: 'pat',
      name: 'notifier',
      secret: 'Vb5gNx0kMo2tRw7i==',
    });
  });

  test('the one of its first version, with renamed variables and the lines to add', () => {
    assert.deepEqual(renames, [
      ['TABLEAU_SERVER', 'TABLEAU_DOMAIN'],
      ['TABLEAU_PASSWORD', 'TABLEAU_PAT_SECRET'],
    ]);
    const config = loadConfig({ ...moved(extended(first)), ...embedded });
    assert.deepEqual(config.tableau.signIn, { kind: 'pat', name: 'notifier', secret: 'Vb5gNx0kMo2tRw7i==' });
    assert.equal(config.tableau.domain, 'https://eu-west-1a.online.tableau.com');
    assert.equal(config.twilio.whatsappFrom, '+14155238886');
    assert.deepEqual(config.defaultContact, { whatsapp: '+15550000001', phone: '+15550000001' });
  });

  test('the one of its first version without changes: every missing variable is reported', () => {
    const reported = problems(parse(first)).join('\n');
    for (const name of ['TABLEAU_DOMAIN', 'TABLEAU_PAT_SECRET', 'PUBLIC_URL', 'API_TOKEN', 'TABLEAU_WEBHOOK_SECRET']) {
      assert.match(reported, new RegExp(`^${name} is missing`, 'm'));
    }
    for (const name of ['PUBLIC_URL', 'API_TOKEN', 'TWILIO_ACCOUNT_SID', 'TWILIO_FROM_NUMBER', 'TWILIO_TO_NUMBER']) {
      assert.match(problems(parse(last)).join('\n'), new RegExp(`^${name}.* is missing`, 'm'));
    }
  });
});
