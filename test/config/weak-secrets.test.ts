import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { parse } from 'dotenv';
import { loadConfig } from '../../src/config/config.js';
import { ConfigError } from '../../src/config/config-error.js';

const random = (): string => randomBytes(24).toString('hex');
const good = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pager.example.com',
  API_TOKEN: random(),
  TABLEAU_DOMAIN: 'eu-west-1a.online.tableau.com',
  TABLEAU_WEBHOOK_SECRET: `${random()},${random()}`,
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: random(),
  TWILIO_ACCOUNT_SID: `AC${randomBytes(16).toString('hex')}`,
  TWILIO_AUTH_TOKEN: randomBytes(16).toString('hex'),
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
};

function problems(env: Record<string, string>): string[] {
  try {
    loadConfig({ ...good, ...env });
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

/** The problem that is reported for it. */
function refusal(env: Record<string, string>): string {
  const [problem = 'nothing', ...more] = problems(env);
  assert.deepEqual(more, []);
  return problem;
}

describe('in production', () => {
  test('random secrets are accepted', () => {
    for (let turn = 0; turn < 500; turn += 1) {
      const secrets = { API_TOKEN: randomBytes(16).toString('base64url'), TABLEAU_WEBHOOK_SECRET: random() };
      assert.deepEqual(problems(secrets), [], JSON.stringify(secrets));
    }
  });

  test('so are unusual passphrases', () => {
    assert.deepEqual(problems({ API_TOKEN: 'correct-horse-battery-staple', TABLEAU_PAT_SECRET: 'kZ8/9qa==:x' }), []);
  });

  const placeholders = [
    'changeme-changeme',
    'change-me-change-me-now',
    'secret-secret-secret',
    'passwordpassword1',
    'your-api-token-here',
    'replace-with-a-long-random-string',
    'my-webhook-secret-for-tableau',
    'webhook-secret-for-e2e',
    'api-token-of-the-test',
    '0123456789-secret',
  ];
  for (const name of ['API_TOKEN', 'TABLEAU_WEBHOOK_SECRET']) {
    for (const secret of placeholders)
      test(`${name} is not ${secret}`, () =>
        assert.match(refusal({ [name]: secret }), new RegExp(`^${name} (is a placeholder|is a pattern)`)));
    test(`${name} has 5 different characters and no pattern`, () => {
      assert.match(refusal({ [name]: 'x'.repeat(40) }), new RegExp(`^${name} has fewer than 5`));
      assert.match(refusal({ [name]: 'aabbccddaabbccddd' }), new RegExp(`^${name} has fewer than 5`));
      assert.match(refusal({ [name]: 'k7Qz9v'.repeat(6) }), new RegExp(`^${name} is a pattern that repeats`));
    });
    for (const secret of [
      'abcdefghijklmnop',
      'zyxwvutsrqponmlk',
      'qwertyuiopasdfgh',
      '1q2w3e4r5t6y7u8i',
      'a1b2c3d4e5f6g7h8',
      'asdfasdf12341234',
      '0246813579acegik',
    ])
      test(`${name} is not the sequence ${secret}`, () =>
        assert.match(refusal({ [name]: secret }), new RegExp(`^${name} (is a sequence or repeats|is a placeholder)`)));
    test(`${name} has 16 characters`, () =>
      assert.match(refusal({ [name]: 'k7Qz9vB2mX4w' }), new RegExp(`^${name} must`)));
  }

  test('every webhook secret of a rotation is checked', () => {
    assert.match(refusal({ TABLEAU_WEBHOOK_SECRET: `${random()}, changeme-changeme` }), /^TABLEAU_WEBHOOK_SECRET is a/);
  });

  for (const name of ['TWILIO_AUTH_TOKEN', 'TWILIO_AUTH_TOKEN_ALTERNATE', 'TABLEAU_PAT_SECRET', 'TEMPORAL_API_KEY'])
    test(`${name} is not a placeholder`, () => {
      for (const value of ['your_auth_token', 'changeme123', 'X'.repeat(32), 'placeholder'])
        assert.match(refusal({ [name]: value }), new RegExp(`^${name} .*too weak for production: write the real one`));
    });

  test('no secret is used for two purposes', () => {
    assert.match(refusal({ API_TOKEN: good.TWILIO_AUTH_TOKEN }), /^TWILIO_AUTH_TOKEN is the same as API_TOKEN/);
    const shared = random();
    assert.match(
      refusal({ API_TOKEN: shared, TABLEAU_WEBHOOK_SECRET: `${random()},${shared}` }),
      /^TABLEAU_WEBHOOK_SECRET is the same as API_TOKEN/,
    );
    assert.deepEqual(problems({ TWILIO_AUTH_TOKEN_ALTERNATE: good.TWILIO_AUTH_TOKEN }), []);
  });

  test('PUBLIC_URL is https, also on loopback', () => {
    for (const address of ['http://pager.example.com', 'http://127.0.0.1:3000', 'http://localhost', 'http://[::1]'])
      assert.match(refusal({ PUBLIC_URL: address }), /^PUBLIC_URL must be an absolute https address/);
    assert.deepEqual(problems({ PUBLIC_URL: 'https://localhost' }), []);
  });

  test('no value of an example file is accepted as a secret', async () => {
    const example = parse(await readFile(new URL('../../.env.example', import.meta.url)));
    for (const [name, value] of Object.entries(example)) {
      if (/SECRET|TOKEN|PASSWORD|API_KEY/.test(name)) assert.equal(value, '', `${name} has a value in .env.example`);
    }
  });

  test('no problem contains the value', () => {
    const reported = problems({ API_TOKEN: 'changeme-changeme', TABLEAU_PAT_SECRET: 'placeholder' }).join('\n');
    assert.doesNotMatch(reported, /changeme|"placeholder"/);
  });
});

test('without NODE_ENV the rules of production apply, and the problem says how a developer leaves them', () => {
  const unset = { NODE_ENV: '', TEMPORAL_ADDRESS: '' };
  const wrong = {
    API_TOKEN: 'abcdefghijklmnop',
    PUBLIC_URL: 'http://pager.example.com',
    TWILIO_AUTH_TOKEN: 'changeme123',
  };
  const found = problems({ ...unset, ...wrong });
  assert.equal(found.length, 4, found.join('\n'));
  for (const problem of found) assert.match(problem, /On a machine for development set NODE_ENV=development\.$/);
  assert.doesNotMatch(problems({ ...unset, TWILIO_FROM_NUMBER: 'x' }).join(), /FROM_NUMBER[^.]*\. On a machine/);
  assert.deepEqual(
    problems({ ...wrong, NODE_ENV: 'production' })
      .join()
      .includes('On a machine'),
    false,
  );
});

test('outside production a weak secret is accepted', () => {
  for (const NODE_ENV of ['development', 'test'])
    assert.deepEqual(problems({ NODE_ENV, API_TOKEN: 'changeme', PUBLIC_URL: 'http://127.0.0.1:3000' }), []);
});
