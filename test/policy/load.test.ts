import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ConfigError } from '../../src/config/config-error.js';
import { parseDuration } from '../../src/policy/duration.js';
import { knownEvents, misspelt } from '../../src/policy/events.js';
import { loadEscalation, readEscalation } from '../../src/policy/load.js';

const example = `contacts:
  ana:  { whatsapp: "+15550000001", phone: "+15550000001" }
  lead: { phone: "+1 555 000-0002" }
policies:
  default:
    rerun: { attempts: 1, wait: 15m }        # optional: try to fix it before waking anybody
    steps:
      - { page: [ana], by: whatsapp, wait: 5m }
      - { page: [ana], by: sms, wait: 1h30m }
      - { page: [ana, lead], by: call, wait: 90s }
    repeat: 1
    remind: 4h
  security:
    steps: [{ page: [lead], by: sms, wait: 15m }]
routes:                                       # first match wins; \`*\` is a wildcard
  - { events: [AdminPromoted, AdminDemoted], policy: security }
  - { events: ["*RefreshFailed"], policy: default }
settings: { window: 60s, callWindow: 180s, linger: 1h, forget: 7d, messagesPerHour: 10, callsPerHour: 6 }
`;

function problems(load: () => unknown): string[] {
  try {
    load();
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.problems;
  }
}

describe('the escalation file', () => {
  test('parses to an escalation with times in milliseconds and numbers in E.164', () => {
    const { contacts, policies, routes, settings } = readEscalation('e.yaml', example);
    assert.deepEqual(contacts, {
      ana: { whatsapp: '+15550000001', phone: '+15550000001' },
      lead: { phone: '+15550000002' },
    });
    assert.deepEqual(policies.default, {
      name: 'default',
      rerun: { attempts: 1, waitMs: 900_000 },
      steps: [
        { page: ['ana'], by: 'whatsapp', waitMs: 300_000 },
        { page: ['ana'], by: 'sms', waitMs: 5_400_000 },
        { page: ['ana', 'lead'], by: 'call', waitMs: 90_000 },
      ],
      repeat: 1,
      remindMs: 14_400_000,
    });
    assert.equal(policies.security?.repeat, 0);
    assert.equal(policies.security.remindMs, 14_400_000);
    assert.deepEqual(routes[0], { events: ['AdminPromoted', 'AdminDemoted'], policy: 'security' });
    assert.equal(settings.forgetMs, 604_800_000);
    assert.equal(settings.messagesPerHour, 10);
  });

  test('may be JSON, and without routes *RefreshFailed goes to default', () => {
    const file = {
      contacts: { ana: { phone: '+15550000001' } },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '5m' }] } },
    };
    const { routes, settings } = readEscalation('e.json', JSON.stringify(file, null, 2));
    assert.deepEqual(routes, [{ events: ['*RefreshFailed'], policy: 'default' }]);
    assert.deepEqual(settings, {
      windowMs: 60_000,
      callWindowMs: 180_000,
      lingerMs: 3_600_000,
      forgetMs: 604_800_000,
      messagesPerHour: 20,
      callsPerHour: 6,
      answersPerHour: 20,
    });
  });

  test('may name a fallback, which every policy gets with the channels that the contact has', () => {
    const { policies } = readEscalation('e.yaml', `${example}fallback: lead\n`);
    assert.deepEqual(policies.default?.fallback, { contact: 'lead', channels: ['sms', 'call'] });
    assert.deepEqual(policies.security?.fallback, { contact: 'lead', channels: ['sms', 'call'] });
    const ana = readEscalation('e.yaml', `${example}fallback: ana\n`);
    assert.deepEqual(ana.policies.default?.fallback?.channels, ['whatsapp', 'sms', 'call']);
    assert.equal(readEscalation('e.yaml', example).policies.default?.fallback, undefined);
    for (const wrong of ['fallback: [lead]', 'fallback: ""', 'fallback: 7'])
      assert.match(
        problems(() => readEscalation('e.yaml', `${example}${wrong}\n`)).join(),
        /^e\.yaml:19:1: fallback must be a contact key\.$/,
      );
  });

  test('may say what messages and calls cost', () => {
    const prices = (text: string) => readEscalation('e.yaml', `${example}prices: ${text}\n`).prices;
    assert.deepEqual(prices('{ currency: EUR, perSegment: 0.08, perCall: 0 }'), {
      currency: 'EUR',
      each: { sms: 0.08, call: 0 },
    });
    assert.equal(readEscalation('e.yaml', example).prices, undefined);
    for (const [wrong, problem] of [
      ['{ perCall: 1 }', /prices needs currency|prices\.currency|currency/],
      ['{ currency: euro }', /prices\.currency must be the three letters of a currency, such as EUR\./],
      ['{ currency: EUR, perCall: -1 }', /prices\.perCall must be a number from 0 to 10000, such as 0\.05\./],
      ['{ currency: EUR, perSms: 1 }', /unknown key "perSms" in prices/],
    ] as const) {
      assert.match(problems(() => readEscalation('e.yaml', `${example}prices: ${wrong}\n`)).join('\n'), problem);
    }
  });

  test('may turn labels in Tableau on', () => {
    const labels = (text: string) => readEscalation('e.yaml', `${example}${text}`).labels;
    assert.equal(labels(''), undefined);
    assert.equal(labels('labels: false\n'), undefined);
    assert.deepEqual(labels('labels: true\n'), { who: false, perMinute: 60 });
    assert.deepEqual(labels('labels: { who: true, perMinute: 30 }\n'), { who: true, perMinute: 30 });
    for (const [wrong, problem] of [
      ['often', /^e\.yaml:19:1: labels must be true, false or a map of who and perMinute\.$/],
      ['{ perMinute: 601 }', /^e\.yaml:19:11: labels\.perMinute must be a whole number from 6 to 600\.$/],
      ['{ who: ana }', /^e\.yaml:19:11: labels\.who must be true or false\.$/],
      ['{ whom: true }', /^e\.yaml:19:11: unknown key "whom" in labels; did you mean "who"\?$/],
    ] as const)
      assert.match(problems(() => readEscalation('e.yaml', `${example}labels: ${wrong}\n`)).join('\n'), problem);
  });

  test('may name operators', () => {
    assert.deepEqual(readEscalation('e.yaml', `${example}operators: [lead, ana]\n`).operators, ['lead', 'ana']);
    assert.equal(readEscalation('e.yaml', example).operators, undefined);
    for (const [wrong, problem] of [
      ['[led]', /^e\.yaml:19:13: operators names "led", who is no contact; did you mean "lead"\?$/],
      ['lead', /^e\.yaml:19:1: operators must be a list of contact keys, at least one\.$/],
      ['[]', /^e\.yaml:19:1: operators must be a list of contact keys, at least one\.$/],
      ['[7]', /^e\.yaml:19:13: operators\[0\] must be a contact key\.$/],
    ] as const)
      assert.match(problems(() => readEscalation('e.yaml', `${example}operators: ${wrong}\n`)).join(), problem);
  });

  test('can have an empty list of silences, which are made otherwise', () => {
    assert.doesNotThrow(() => readEscalation('e.yaml', `${example}silences: [] # from the command line\n`));
    const how =
      'must be an empty list: silences are made by "tableau-webhooks silence add", by POST /silences, or by text (MUTE).';
    for (const wrong of ['[{ item: Sales }]', '[Sales, HR]', 'none', '{}'])
      assert.deepEqual(
        problems(() => readEscalation('e.yaml', `${example}silences: ${wrong}\n`)),
        [`e.yaml:19:1: silences ${how}`],
        wrong,
      );
  });

  test('has every problem reported at once, with line, column and what may be meant', () => {
    const file = `contacts:
  Ana:  { phone: "+15550000001" }
  lead: { phone: +15550000002 }
  bob:  { phone: "+15550000009", fax: 1 }
  eve:  { whatsapp: "+1 555 000 0009" }
  nil:  {}
policies:
  default:
    rerun: { attempts: 0, wait: 15x }
    steps:
      - { page: [anna, eve], by: sms, wait: 5m }
      - page: [bob, bob]
        by: smoke
        wait: 8d
    repeats: 1
  two: { steps: [] }
routes:
  - { events: [AdminPromotd, "*RefreshFaild", NewThing], policy: secure }
settings: { window: 60, callsPerHour: 0 }
extra: 1
fallback: anna
`;
    const expected: [string, RegExp][] = [
      ['2:3', /"Ana" cannot be a key: a key is 1 to 32 lower-case letters.*a role, not a number/],
      ['3:11', /contacts\.lead\.phone must be a number in E\.164 and in quotes/],
      ['4:34', /unknown key "fax" in contacts\.bob\.$/],
      ['5:11', /contacts\.eve\.whatsapp: the number is that of contact "bob" too/],
      ['6:3', /contacts\.nil must be a map with whatsapp, phone or both/],
      ['9:14', /rerun\.attempts must be a whole number from 1 to 5/],
      ['9:27', /rerun\.wait must be a duration from 1s to 7d/],
      ['11:18', /policy "default" pages "anna", who is no contact; did you mean "Ana"\?/],
      ['11:24', /policy "default" pages "eve" by sms, but that contact has no "phone"/],
      ['12:21', /policy "default" pages "bob" twice in one step/],
      ['13:9', /policies\.default\.steps\[1\]\.by must be whatsapp, sms or call/],
      ['14:9', /policies\.default\.steps\[1\]\.wait must be a duration from 1s to 7d/],
      ['15:5', /unknown key "repeats" in policies\.default; did you mean "repeat"\?$/],
      ['16:10', /policies\.two\.steps must be a list of .* at least one/],
      ['18:58', /routes\[0\] names the policy "secure", which is not there; known are default, two\.$/],
      ['18:16', /"AdminPromotd" is no event of Tableau; did you mean "AdminPromoted"\?/],
      ['18:30', /"\*RefreshFaild" fits no event of Tableau, and nearly fits "DatasourceRefreshFailed"/],
      ['19:25', /settings\.callsPerHour must be a whole number from 1 to 1000/],
      ['19:13', /settings\.window must be a duration from 0s to 1h/],
      ['20:1', /unknown key "extra" in the file/],
      ['21:1', /fallback names "anna", who is no contact; did you mean "Ana"\?/],
    ];
    const found = problems(() => readEscalation('e.yaml', file));
    for (const [place, text] of expected) {
      const hit = found.find((problem) => problem.startsWith(`e.yaml:${place}: `) && text.test(problem));
      assert.ok(hit, `${place} ${text} is not in:\n${found.join('\n')}`);
    }
    assert.equal(found.length, expected.length, found.join('\n'));
    const order = found.map((problem) => /^e\.yaml:(\d+):(\d+): /.exec(problem)?.slice(1).map(Number) ?? []);
    const inText = order.toSorted(
      ([line = 0, column = 0], other) => line - (other[0] ?? 0) || column - (other[1] ?? 0),
    );
    assert.deepEqual(order, inText);
  });
});

test('an event that Tableau may add is a warning with its place, and no problem', () => {
  const file = `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
routes:
  - { events: ["*RefreshFailed"], policy: default }
  - { events: ["Subscription*Failed", PromptFailed], policy: default }
`;
  const { warnings = [], routes } = readEscalation('e.yaml', file);
  assert.equal(routes.length, 2);
  assert.deepEqual(
    warnings.map((text) => text.slice(0, 60)),
    [
      'e.yaml:6:16: "Subscription*Failed" fits no event that Tablea',
      'e.yaml:6:39: "PromptFailed" fits no event that Tableau docum',
    ],
  );
  assert.equal(readEscalation('e.yaml', file.replace(/^.*Subscription.*$/m, '')).warnings, undefined);
});

const routed = (route: string): string => `contacts: { ana: { phone: "+15550000001" } }
policies:
  default: { steps: [{ page: [ana], by: sms, wait: 5m }] }
routes:
  - { events: ["*RefreshFailed"], ${route} }
`;

test('a route may depend on the item, its project, tags and owner, the site, the failures and the hours', () => {
  const { routes } = readEscalation(
    'e.yaml',
    routed(`item: "Sales*", project: "Finance/**", tags: [gold], owner: "*@example.com", site: eu, failures: ">= 3",
      hours: "Mon-Fri 06:00-20:00 Europe/Berlin", ignore: not ours`),
  );
  assert.deepEqual(routes, [
    {
      events: ['*RefreshFailed'],
      item: 'Sales*',
      project: 'Finance/**',
      tags: ['gold'],
      owner: '*@example.com',
      site: 'eu',
      failures: { is: '>=', count: 3 },
      hours: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: 360, to: 1200, timezone: 'Europe/Berlin' },
      ignore: 'not ours',
    },
  ]);
  assert.deepEqual(readEscalation('e.yaml', routed('failures: 2, policy: default')).routes[0]?.failures, {
    is: '=',
    count: 2,
  });
});

describe('a route that cannot be', () => {
  const table: [string, RegExp][] = [
    ['tags: [gold]', /routes\[0\] must have either policy or ignore/],
    ['policy: default, ignore: not ours', /routes\[0\] must have either policy or ignore/],
    ['ignore: ""', /routes\[0\]\.ignore must be the reason why nobody is paged, in words/],
    ['failures: many, policy: default', /routes\[0\]\.failures must be a number of failures in a row, such as ">= 3"/],
    ['failures: 0, policy: default', /routes\[0\]\.failures must be a number of failures/],
    ['tags: gold, policy: default', /routes\[0\]\.tags must be a list of tags/],
    ['hours: "6-20", policy: default', /routes\[0\]\.hours must be .* such as "Mon-Fri 06:00-20:00 Europe\/Berlin"/],
    ['hours: "Foo 06:00-20:00 UTC", policy: default', /routes\[0\]\.hours: the days must be of mon, tue/],
    ['hours: "06:00-06:00 UTC", policy: default', /routes\[0\]\.hours: the hours begin and end at the same time/],
    ['hours: "06:00-20:00 Europe/Berln", policy: default', /routes\[0\]\.hours: there is no time zone "Europe\/Berln"/],
    ['projects: x, policy: default', /unknown key "projects" in routes\[0\]/],
  ];
  for (const [route, problem] of table)
    test(route, () => {
      const found = problems(() => readEscalation('e.yaml', routed(route)));
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', problem);
      assert.match(found[0] ?? '', /^e\.yaml:5:\d+: /);
    });
});

describe('an invalid escalation file', () => {
  const table: [string, string, RegExp][] = [
    ['nothing', '', /^e:1:1: the file must be a map with contacts and policies\.$/],
    ['a list', '- a', /^e:1:1: the file must be a map/],
    ['only contacts', 'contacts: { a: { phone: "+15550000001" } }', /^e:1:1: the file: "policies" is missing/],
    [
      'a policy without steps',
      'contacts: {a: {phone: "+15550000001"}}\npolicies:\n  default: {}',
      /^e:3:3: .*"steps" is missing/,
    ],
    ['no YAML', 'contacts:\n  a: [', /^e:2:\d+: this is no YAML/],
    ['a key given twice', `${example}settings: {}\n`, /^e:19:1: key "settings" is given twice/],
    ['an alias without anchor', 'contacts: *x\npolicies: {}', /^e:1:1: an alias cannot be resolved/],
    [
      'no default and no routes',
      example.replace(/routes:[^]*/, '').replace('default:', 'other:'),
      /^e:4:1: without routes .*"default"/,
    ],
    [
      'one number twice, spelt in two ways',
      example.replace('+1 555 000-0002', '+15550000001'),
      /^e:3:11: .*contact "ana" too/,
    ],
    ['a wait without unit', example.replace('wait: 5m', 'wait: 300'), /^e:8:38: .*wait must be a duration/],
  ];
  for (const [name, text, expected] of table) {
    test(name, () => {
      const found = problems(() => readEscalation('e', text));
      assert.equal(found.length, 1, found.join('\n'));
      assert.match(found[0] ?? '', expected);
    });
  }
  test('a file with an alias of itself', () => {
    assert.ok(problems(() => readEscalation('e', 'contacts: &a { x: *a }\npolicies: {}')).length > 0);
  });
});

describe('without a file', () => {
  const load = (defaultContact: object) => loadEscalation({ defaultContact });
  test('the numbers in the environment are paged by WhatsApp, SMS and call', () => {
    const { contacts, policies, routes } = load({ whatsapp: '+15550000002', phone: '+15550000001' });
    assert.deepEqual(contacts, { duty: { whatsapp: '+15550000002', phone: '+15550000001' } });
    assert.deepEqual(policies.default, {
      name: 'default',
      steps: (['whatsapp', 'sms', 'call'] as const).map((by) => ({ page: ['duty'], by, waitMs: 300_000 })),
      repeat: 1,
      remindMs: 14_400_000,
    });
    assert.deepEqual(routes, [{ events: ['*RefreshFailed'], policy: 'default' }]);
  });
  test('by SMS and call without a WhatsApp number', () => {
    assert.deepEqual(
      load({ phone: '+15550000001' }).policies.default?.steps.map(({ by }) => by),
      ['sms', 'call'],
    );
  });
});

describe('loading the file', () => {
  test('an unreadable file', () => {
    const load = () => loadEscalation({ escalationFile: '/no/such.yaml', defaultContact: {} });
    assert.deepEqual(problems(load), ['ESCALATION_FILE: /no/such.yaml cannot be read (ENOENT).']);
  });
  test('WhatsApp addresses need a sender', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'policy-'));
    t.after(() => rm(directory, { recursive: true }));
    const escalationFile = join(directory, 'e.yaml');
    await writeFile(escalationFile, example);
    const load = (sender: object) => loadEscalation({ escalationFile, defaultContact: {}, ...sender });
    assert.match(problems(() => load({})).join(), /^WHATSAPP_FROM is missing/);
    assert.equal(load({ whatsappFrom: '+15550000003' }).contacts.lead?.phone, '+15550000002');
  });
});

test('durations', () => {
  const table: [string, number | null][] = [
    ['90s', 90_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['5', null],
    ['5 m', null],
    ['-5m', null],
    ['1.5h', null],
    ['', null],
  ];
  for (const [text, expected] of table) assert.equal(parseDuration(text), expected, text);
});

test('event patterns: known names, wildcards that match one, plausible new names, but no misspellings', () => {
  assert.equal(knownEvents.length, 22);
  assert.equal(new Set(knownEvents).size, 22);
  for (const good of [
    ...knownEvents,
    '*',
    '*RefreshFailed',
    'Label*',
    'FlowRunFailed',
    'Subscription*Failed',
    'Flow*',
    '*SubscriptionFailed',
  ])
    assert.equal(misspelt(good), null);
  for (const slip of ['*RefreshFailure', 'workbookRefreshFailed', 'WorkbookRefeshFailed', 'Workbok*Failed']) {
    assert.notEqual(misspelt(slip), null, slip);
  }
});
