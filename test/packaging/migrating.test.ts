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
/** As its example-env was while it sent by Twilio (00f0dde), filled in. */
const first = `
TABLEAU_PAT_NAME=notifier
TABLEAU_PASSWORD=Vb5gNx0kMo2tRw7i==
TABLEAU_SITENAME=acme
TABLEAU_SERVER=https://eu-west-1a.online.tableau.com
TWILIO_ACCOUNT_SID=AC0123456789abcdef0123456789abcdef
TWILIO_AUTH_TOKEN=5f3a9c7e1b2d4860a4c8e6f0b1d3a597
TWILIO_FROM_NUMBER=+15550009999
TWILIO_TO_NUMBER=+15550000001
WHATSAPP_FROM=whatsapp:+14155238886
WHATSAPP_TO=whatsapp:+15550000001
`;

/** The lines that docs/migrating.md adds, with values in them where it leaves them empty. */
function joined(): Record<string, string> {
  const [, block = ''] = /## What joins the old \.env\n\n```sh\n([^]*?)```/.exec(read('docs/migrating.md')) ?? [];
  const values: Record<string, string> = production;
  const lines = Object.entries(parse(block));
  assert.ok(lines.length >= 8);
  return Object.fromEntries(lines.map(([name, value]) => [name, value || (values[name] ?? '')]));
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
    const { tableau, twilio, defaultContact } = loadConfig({ ...parse(last), ...joined(), ...embedded });
    assert.deepEqual(
      [tableau.domain, tableau.siteName, tableau.apiVersion, tableau.sessionMinutes],
      ['https://eu-west-1a.online.tableau.com', 'acme', '3.17', 240],
    );
    assert.deepEqual([twilio.from, defaultContact], ['+15550009999', { phone: '+15550000001' }]);
  });

  test('the same signs in by the connected app, which the original did not use, until its variables are emptied', () => {
    const old = { ...parse(last), ...joined(), ...embedded };
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
    const config = loadConfig({ ...joined(), ...moved(parse(first)), ...embedded });
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
