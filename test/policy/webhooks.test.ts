/** Outgoing webhooks in the escalation file, and the variables that they name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkedEscalation, examine, readEscalation } from '../../src/policy/load.js';
import { warningsIn } from '../../src/policy/warnings/warnings.js';
import { concerns, endpointOf, reportingOf } from '../../src/policy/webhooks.js';
import { changeTypes } from '../../src/workflows/change-types.js';

const file = (webhooks: string): string => `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
webhooks:
${webhooks
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
`;
const problemsOf = (webhooks: string): string[] =>
  examine('e.yaml', file(webhooks)).problems.map(({ line, column, text }) => `${line}:${column} ${text}`);
const warningsOf = (webhooks: string): string[] => {
  const { source, escalation } = examine('e.yaml', file(webhooks));
  return warningsIn(source.value, escalation, 0).map(({ path, text }) => `${path.join('.')}: ${text}`);
};
const webhooksOf = (webhooks: string) => readEscalation('e.yaml', file(webhooks)).webhooks ?? {};
const secret = `whsec_${Buffer.from('a'.repeat(32)).toString('base64')}`;

describe('the file', () => {
  test('has webhooks of every form; what it does not say has a default', () => {
    const { team, chat, alerts } = webhooksOf(
      [
        'team: { url: "https://example.com/hook", secret: $WEBHOOK_TEAM_SECRET }',
        'chat: { as: slack, url: $WEBHOOK_CHAT_URL, events: [triggered, recovered], policies: [default], projects: ["Finance/**"] }',
        'alerts: { as: pagerduty, key: $WEBHOOK_ALERTS_KEY }',
      ].join('\n'),
    );
    assert.deepEqual(team, {
      as: 'standard',
      url: 'https://example.com/hook',
      secret: '$WEBHOOK_TEAM_SECRET',
      changes: changeTypes,
      isPrivate: false,
    });
    assert.deepEqual(chat?.changes, ['triggered', 'recovered']);
    assert.equal(alerts?.url, 'https://events.pagerduty.com/v2/enqueue');
  });

  test('is refused with line and column where a webhook is wrong', () => {
    assert.deepEqual(problemsOf('team: { as: slak, url: $WEBHOOK_TEAM_URL }'), [
      '5:11 webhooks.team.as must be standard, slack, teams, alertmanager or pagerduty.',
    ]);
    assert.match(
      problemsOf('team: { url: "ftp://example.com" }').join(),
      /^5:11 webhooks\.team\.url must be an https address, or a variable/,
    );
    assert.match(
      problemsOf('team: { url: $TWILIO_AUTH_TOKEN }').join(),
      /^5:11 webhooks\.team\.url must be an https address, or a variable/,
    );
    assert.match(
      problemsOf(`team: { url: $WEBHOOK_A, secret: ${secret} }`).join(),
      /webhooks\.team\.secret must be a variable of the environment/,
    );
    assert.match(
      problemsOf('team: { url: "http://example.com" }').join(),
      /^5:11 webhooks\.team\.url must be an https address \(http with "private: true"\)\.$/,
    );
    assert.match(problemsOf('team: { url: "https://user:pw@example.com" }').join(), /without a user and a password/);
    assert.match(
      problemsOf('team: { url: $WEBHOOK_A, events: [trigered] }').join(),
      /^5:\d+ webhooks\.team\.events\[0\] must be one of triggered, /,
    );
    assert.match(
      problemsOf('team: { url: $WEBHOOK_A, events: triggered }').join(),
      /webhooks\.team\.events must be a list of changes/,
    );
    assert.match(
      problemsOf('team: { url: $WEBHOOK_A, policies: [defalt] }').join(),
      /names the policy "defalt", which is not there; did you mean "default"\?/,
    );
    assert.match(
      problemsOf('team: { ulr: $WEBHOOK_A }').join(),
      /unknown key "ulr" in webhooks\.team; did you mean "url"\?/,
    );
    assert.match(problemsOf('Team: { url: $WEBHOOK_A }').join(), /webhooks: "Team" cannot be a key: a key is/);
    assert.match(problemsOf('team: nonsense').join(), /webhooks\.team must be a map with as, and url or key\./);
  });

  test('is refused where the form does not fit its keys', () => {
    assert.match(problemsOf('team: { as: slack }').join(), /^5:3 webhooks\.team: "url" is missing/);
    assert.match(problemsOf('team: { as: pagerduty }').join(), /^5:3 webhooks\.team: "key" is missing/);
    assert.match(
      problemsOf('team: { as: pagerduty, key: $WEBHOOK_K, secret: $WEBHOOK_S }').join(),
      /"secret" has no effect/,
    );
    assert.match(problemsOf('team: { url: $WEBHOOK_A, key: $WEBHOOK_K }').join(), /"key" is for "as: pagerduty" alone/);
    const many = Array.from({ length: 11 }, (_, n) => `team${n}: { url: $WEBHOOK_A }`).join('\n');
    assert.match(problemsOf(many).join(), /^4:1 webhooks: there are 11; at most 10 are possible\.$/);
  });

  test('may name a private address only where it says so', () => {
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '10.1.2.3', '169.254.169.254']) {
      assert.match(
        problemsOf(`team: { url: "https://${host}/hook" }`).join(),
        /is a private address: that needs "private: true"/,
      );
      assert.deepEqual(problemsOf(`team: { url: "http://${host}/hook", private: true }`), []);
    }
  });

  test('is warned of secrets in it, and of posts that nobody can trust', () => {
    assert.match(
      warningsOf('team: { as: slack, url: "https://hooks.slack.com/services/a" }').join(),
      /^webhooks\.team\.url: the address of webhook "team" is a secret/,
    );
    assert.match(
      warningsOf('team: { url: "https://example.com" }').join(),
      /^webhooks\.team: webhook "team" has no secret/,
    );
    assert.deepEqual(warningsOf('team: { as: slack, url: $WEBHOOK_A }'), []);
  });
});

describe('variables', () => {
  const webhooks = webhooksOf('team: { url: $WEBHOOK_TEAM_URL, secret: $WEBHOOK_TEAM_SECRET }');
  const { team } = webhooks;
  assert.ok(team);

  test('give address and secrets, and the version tells another address', () => {
    const endpoint = endpointOf('team', team, {
      WEBHOOK_TEAM_URL: 'https://example.com/a',
      WEBHOOK_TEAM_SECRET: `${secret}, ${secret}`,
    });
    const other = endpointOf('team', team, { WEBHOOK_TEAM_URL: 'https://example.com/b', WEBHOOK_TEAM_SECRET: secret });
    assert.ok(!Array.isArray(endpoint) && !Array.isArray(other));
    assert.deepEqual([endpoint.url, endpoint.secrets], ['https://example.com/a', [secret, secret]]);
    assert.notEqual(endpoint.version, other.version);
    assert.doesNotMatch(endpoint.version, /example/);
  });

  test('and the version tells another form, key, secret and "private", and nothing else', () => {
    const variables = { WEBHOOK_A: 'https://example.com', WEBHOOK_B: secret, WEBHOOK_C: `${secret},${secret}` };
    const versionOf = (webhook: string): string => {
      const { one } = webhooksOf(`one: { ${webhook} }`);
      const endpoint = one && endpointOf('one', one, variables);
      assert.ok(endpoint && !Array.isArray(endpoint), JSON.stringify(endpoint));
      return endpoint.version;
    };
    const usual = versionOf('url: $WEBHOOK_A');
    assert.equal(versionOf('url: $WEBHOOK_A, events: [recovered], policies: [default]'), usual);
    const others = [
      'as: slack, url: $WEBHOOK_A',
      'url: $WEBHOOK_A, secret: $WEBHOOK_B',
      'url: $WEBHOOK_A, secret: $WEBHOOK_C',
      'url: $WEBHOOK_A, private: true',
      'as: pagerduty, key: $WEBHOOK_A',
      'as: pagerduty, key: $WEBHOOK_B',
    ].map(versionOf);
    assert.equal(new Set([usual, ...others]).size, 7);
  });

  test('that are missing or wrong are all named, without any value', () => {
    assert.deepEqual(endpointOf('team', team, {}), [
      'WEBHOOK_TEAM_URL is missing: webhooks.team of the escalation file names it.',
      'WEBHOOK_TEAM_SECRET is missing: webhooks.team of the escalation file names it.',
    ]);
    const wrong = endpointOf('team', team, {
      WEBHOOK_TEAM_URL: 'http://hidden.example.com',
      WEBHOOK_TEAM_SECRET: 'short',
    });
    assert.ok(Array.isArray(wrong));
    const sentences = wrong.join(' ');
    assert.match(
      sentences,
      /^WEBHOOK_TEAM_URL is wrong: it must be an https address .*WEBHOOK_TEAM_SECRET is wrong: it must be "whsec_"/,
    );
    assert.doesNotMatch(sentences, /hidden|short/);
  });

  test('are asked for by a process that posts, and by no other', () => {
    const text = file('team: { url: $WEBHOOK_TEAM_URL }');
    const config = { escalationFile: 'e.yaml', defaultContact: {} };
    assert.ok(checkedEscalation(config, text).webhooks);
    assert.throws(() => checkedEscalation({ ...config, webhookVariables: {} }, text), /WEBHOOK_TEAM_URL is missing/);
  });
});

test('an event says which changes some webhook wants, and nothing without webhooks', () => {
  assert.deepEqual(reportingOf({}), {});
  assert.deepEqual(
    reportingOf({
      webhooks: webhooksOf('a: { url: $WEBHOOK_A, events: [recovered] }\nb: { url: $WEBHOOK_A, events: [triggered] }'),
    }),
    {
      changes: ['triggered', 'recovered'],
    },
  );
});

test('a filter fits by policy and project; a project that is not known may be any', () => {
  const finance = { policies: ['urgent'], projects: ['Finance/**', 'HR'] };
  assert.ok(concerns({}, { policy: 'any' }));
  assert.ok(concerns(finance, { policy: 'urgent', project: 'Finance/Daily' }));
  assert.ok(concerns(finance, { policy: 'urgent' }));
  assert.ok(!concerns(finance, { policy: 'urgent', project: 'Sales' }));
  assert.ok(!concerns(finance, { policy: 'default', project: 'HR' }));
});
