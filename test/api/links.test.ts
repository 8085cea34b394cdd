/** The pages of links over HTTP, with workflows that no worker runs: what they show is in the memo alone. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { createLinkTokens } from '../../src/links/token.js';
import { beginningRow } from '../../src/temporal/incident-row.js';
import { day, hour, incidentType, incidentWorkflowId, type AnswerSignal } from '../../src/workflows/contract.js';
import { answerSignal } from '../../src/workflows/messages.js';
import {
  numberKey,
  pagerId,
  pagerType,
  type LinkTarget,
  type ReplySignal,
} from '../../src/workflows/pager-contract.js';
import { memoKeys, type IncidentRow } from '../../src/workflows/view-contract.js';
import { buildTestApi, clientWithoutServer, config, escalation, signalsOf, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;
const now = Date.now();
const tokens = createLinkTokens(config.apiToken);
const at = now - hour;

/** A workflow with a memo that nobody runs. */
const begin = (type: string, workflowId: string, memo: Record<string, unknown>) =>
  client.workflow.start(type, { workflowId, taskQueue: 'nobody', args: [{}], memo });

const rowOf = (id: string, more: Partial<IncidentRow> = {}): IncidentRow => ({
  ...beginningRow({
    id,
    item: { kind: 'workbook', luid: id, name: 'Sales', site: '-' },
    event: 'WorkbookRefreshFailed',
    at,
    policy: 'default',
  }),
  episode: `${id}-1`,
  ...more,
});

const targets: Record<string, LinkTarget> = {};
const numbered = (number: number, incident: string): LinkTarget => {
  const target = { number, incident, episode: `${incident}-1`, at };
  targets[incident] = target;
  return target;
};
const linkTo = (incident: string, contact = 'ana'): string => {
  const target = targets[incident];
  assert.ok(target);
  return `/i/${tokens.write(contact, target)}`;
};

const rows: [number, IncidentRow][] = [
  [1, rowOf('open')],
  [2, rowOf('over', { state: 'resolved', endedAt: new Date(now - hour).toISOString() })],
  [3, rowOf('long-over', { state: 'resolved', endedAt: new Date(now - day - hour).toISOString() })],
  [4, rowOf('again', { episode: 'again-2' })],
  [6, rowOf('twice')],
  [
    7,
    rowOf('named', {
      state: 'acknowledged',
      acknowledgedBy: 'api',
      acknowledgedAt: new Date(now + hour).toISOString(),
    }),
  ],
  [5, rowOf('odd', { cause: '<script>alert(1)</script>' })],
];

before(async () => {
  ({ client } = await startTemporal());
  const oddName = `<img src=x onerror=alert(1)> \u202Eabc ${'x'.repeat(300)}`;
  for (const [number, row] of rows) {
    numbered(number, row.id);
    const shown = row.id === 'odd' ? { ...row, item: { ...row.item, name: oddName } } : row;
    await begin(incidentType, incidentWorkflowId(row.id), { [memoKeys.row]: shown });
  }
  const memo = Object.values(targets).map(({ number, ...item }) => [numberKey(number), item] as const);
  await begin(pagerType, pagerId('ana'), Object.fromEntries(memo));
  app = await buildTestApi(client, { temporalTimeouts: { outcomeTimeoutMs: 300 } });
});

const get = (url: string, from = app) => from.inject({ url, headers: { accept: 'text/html' } });
type Got = Awaited<ReturnType<typeof get>>;

/** What a browser sends when a button of the page is pressed. */
function press({ body, headers }: Got, fields: Record<string, string>) {
  const hidden = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(body)?.[1] ?? '';
  const cookie = [headers['set-cookie'] ?? []].flat().map((line) => line.split(';')[0]);
  return {
    method: 'POST' as const,
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: cookie.join('; ') },
    payload: new URLSearchParams({ _csrf: hidden('_csrf'), nonce: hidden('nonce'), ...fields }).toString(),
  };
}
const signals = async (id: string) => (await signalsOf(client, incidentWorkflowId(id))).map(({ payload }) => payload);

describe('the page of a link', () => {
  test('shows what the memo says, to whoever follows it, and changes nothing', async () => {
    const page = await get(linkTo('open'));
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /<h1><bdi>Sales<\/bdi><\/h1>/);
    assert.match(page.body, /I take it/);
    assert.equal(page.headers['cache-control'], 'no-store');
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
    assert.equal((await app.inject({ method: 'HEAD', url: linkTo('open') })).statusCode, 200);
    assert.deepEqual(await signals('open'), []);
  });

  test('is dead when it is guessed, changed, of another, of another episode or contact, or expired: all alike', async () => {
    const good = linkTo('open');
    const target = targets['open'] ?? assert.fail();
    const to = (contact: string, changed: Partial<LinkTarget>): string =>
      `/i/${tokens.write(contact, { ...target, ...changed })}`;
    const dead = [
      '/i/x',
      `/i/${'A'.repeat(32)}`,
      good.slice(0, -1),
      `${good}A`,
      `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
      linkTo('open', 'lead'),
      to('ana', { episode: 'open-2' }),
      to('ana', { number: 2 }),
      to('ana', { number: 50 }),
      `/i/${createLinkTokens('another secret').write('ana', target)}`,
      linkTo('long-over'),
      linkTo('again'),
      to('ana', { number: 0, incident: '', episode: '', at: now - day - hour }),
    ];
    const answers = await Promise.all(dead.map((url) => get(url)));
    for (const [index, { statusCode, body }] of answers.entries()) {
      assert.equal(statusCode, 404, dead[index]);
      assert.equal(body, answers[0]?.body);
    }
    assert.match(answers[0]?.body ?? '', /Reply LIST/);
    assert.equal((await get(linkTo('over'))).statusCode, 200, 'an hour after the end it still opens');
  });

  test('is dead for a contact who was removed from the file', async () => {
    const { ana: _removed, ...contacts } = escalation.contacts;
    const changed = await buildTestApi(client, { escalation: { ...escalation, contacts } });
    assert.equal((await get(linkTo('open'), changed)).statusCode, 404);
  });

  test('shows names with markup, of 300 characters and from right to left as text', async () => {
    const { body, statusCode } = await get(linkTo('odd'));
    assert.equal(statusCode, 200);
    assert.doesNotMatch(body, /<img|<script>alert/);
    assert.match(body, /<h1><bdi>&lt;img src=x/);
  });

  test('too many refusals of one address are 429', async () => {
    const strict = await buildTestApi(client, { rates: { refused: 2 } });
    const statuses = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await get('/i/x', strict)).statusCode);
    assert.deepEqual(statuses, [404, 404, 429, 429]);
  });

  test('while Temporal is away it says so, and an answer is not taken for recorded', async () => {
    const cut = await buildTestApi(clientWithoutServer(), { temporalTimeouts: { readTimeoutMs: 200 } });
    const unknown = await get(linkTo('open'), cut);
    assert.equal(unknown.statusCode, 503);
    assert.match(unknown.body, /Not known now/);
    const form = press(await get(linkTo('open')), { verb: 'acknowledge' });
    const refused = await cut.inject({ url: linkTo('open'), ...form });
    assert.equal(refused.statusCode, 503);
    assert.match(refused.body, /Your answer was not recorded/);
  });
});

describe('a button of the page', () => {
  test('pressed twice is one answer, under the contact and for the episode of the link', async () => {
    const form = press(await get(linkTo('open')), { verb: 'snooze', for: '15m' });
    const [first, second] = [
      await app.inject({ url: linkTo('open'), ...form }),
      await app.inject({ url: linkTo('open'), ...form }),
    ];
    assert.deepEqual([first.statusCode, second.statusCode], [303, 303]);
    assert.match(String(first.headers.location), /^\/i\/[\w-]{32}\?answer=[\w-]{22}&pressed=snooze:15m$/);
    const [one, copy] = await signals('open');
    assert.deepEqual(one, copy);
    const { answerId, ...answer } = one as { answerId: string };
    assert.match(answerId, /^link:[\w-]{22}:snooze:15m$/);
    assert.deepEqual(answer, { episode: 'open-1', verb: 'snooze', by: 'ana', contact: 'ana', durationMs: 900_000 });
    const after = await get(String(first.headers.location));
    assert.match(after.body, /Recorded\. It takes effect as soon as/);
  });

  test('is another answer than another button of the same page, which a browser may show again', async () => {
    const page = await get(linkTo('twice'));
    for (const fields of [{ verb: 'acknowledge' }, { verb: 'resolve' }])
      assert.equal((await app.inject({ url: linkTo('twice'), ...press(page, fields) })).statusCode, 303);
    const given = (await signals('twice')) as { answerId: string; verb: string }[];
    assert.deepEqual(
      given.map(({ verb }) => verb),
      ['acknowledge', 'resolve'],
    );
    assert.equal(new Set(given.map(({ answerId }) => answerId)).size, 2);
  });

  test('works on a page that was opened before a restart', async () => {
    const form = press(await get(linkTo('open')), { verb: 'acknowledge' });
    const restarted = await buildTestApi(client, { temporalTimeouts: { outcomeTimeoutMs: 300 } });
    assert.equal((await restarted.inject({ url: linkTo('open'), ...form })).statusCode, 303);
  });

  test('without the token of its page, of another browser, or with anything else than its page offers records nothing', async () => {
    const recorded = (await signals('open')).length;
    const [page, other] = [await get(linkTo('open')), await get(linkTo('open'))];
    const wrong = [
      [press(page, { verb: 'acknowledge', _csrf: '' }), 403],
      [{ ...press(page, { verb: 'acknowledge' }), headers: press(other, {}).headers }, 403],
      [press(page, { verb: 'delete' }), 400],
      [press(page, { verb: 'snooze', for: '9999h' }), 400],
      [press(page, { verb: 'acknowledge', nonce: '../../x' }), 400],
      [{ ...press(page, {}), headers: { 'content-type': 'application/json' }, payload: '{"verb":"acknowledge"}' }, 403],
    ] as const;
    for (const [form, status] of wrong) {
      const answer = await app.inject({ url: linkTo('open'), ...form });
      assert.ok([status, 400].includes(answer.statusCode), `${answer.statusCode} for ${form.payload}`);
      assert.match(String(answer.headers['content-type']), /text\/html/);
      assert.match(answer.body, /Nothing was recorded/);
      assert.match(answer.body, /Open the page again/);
    }
    assert.equal((await signals('open')).length, recorded);
  });
});

test('whoever has it is named as in messages, by the name that a script gave, which is in the history alone', async () => {
  assert.match((await get(linkTo('named'))).body, /<strong><bdi>somebody else has it\.<\/bdi><\/strong>/);
  const answer: AnswerSignal = { answerId: 'a', verb: 'acknowledge', by: 'Jane Doe' };
  await client.workflow.getHandle(incidentWorkflowId('named')).signal(answerSignal, answer);
  assert.match((await get(linkTo('named'))).body, /<strong><bdi>Jane Doe has it\.<\/bdi><\/strong>/);
});

describe('the list that the link of a bundle opens', () => {
  const list = (contact: string): string =>
    `/i/${tokens.write(contact, { number: 0, incident: '', episode: '', at: now - hour })}`;

  before(async () => {
    const memo: Record<string, unknown> = {};
    for (let number = 1; number <= 25; number += 1) {
      const id = `many-${number}`;
      const taken = { state: 'acknowledged', acknowledgedBy: 'api' } as const;
      await begin(incidentType, incidentWorkflowId(id), { [memoKeys.row]: rowOf(id, number === 25 ? taken : {}) });
      memo[numberKey(number)] = { incident: id, episode: `${id}-1`, at: at + number };
    }
    await begin(pagerType, pagerId('lead'), memo);
  });

  test('has all that messages have named, what nobody has first, and names who has the others', async () => {
    const { body } = await get(list('lead'));
    const numbers = [...body.matchAll(/\[(\d+)\]/g)].map(([, number]) => Number(number));
    assert.deepEqual(numbers, [...Array.from({ length: 24 }, (_, n) => 24 - n), 25]);
    assert.match(body, /somebody else/);
    assert.deepEqual(await signalsOf(client, pagerId('lead')), []);
  });

  test('has a button that takes all, as the reply ALL, once', async () => {
    const form = press(await get(list('lead')), { verb: 'acknowledge' });
    const [first, copy] = [
      await app.inject({ url: list('lead'), ...form }),
      await app.inject({ url: list('lead'), ...form }),
    ];
    assert.deepEqual([first.statusCode, copy.statusCode], [303, 303]);
    const replies = (await signalsOf(client, pagerId('lead'))).map(({ name, payload }) => {
      const { at: _at, ...reply } = payload as ReplySignal;
      return { name, ...reply };
    });
    const [{ replyId } = { replyId: '' }] = replies;
    assert.match(replyId, /^link:[\w-]{22}$/);
    const reply = {
      name: 'reply',
      replyId,
      channel: 'sms',
      command: { verb: 'acknowledge', all: true },
      isOnPage: true,
    };
    assert.deepEqual(replies, [reply, reply]);
    assert.match((await get(String(first.headers.location))).body, /Recorded\. It takes effect as soon as/);
  });

  test('takes nothing without the token of its page, and does nothing else', async () => {
    const recorded = (await signalsOf(client, pagerId('lead'))).length;
    const page = await get(list('lead'));
    for (const [form, status] of [
      [press(page, { verb: 'acknowledge', _csrf: '' }), 403],
      [press(page, { verb: 'resolve' }), 400],
    ] as const) {
      const { statusCode, body } = await app.inject({ url: list('lead'), ...form });
      assert.equal(statusCode, status);
      assert.match(body, /Nothing was recorded/);
    }
    assert.equal((await signalsOf(client, pagerId('lead'))).length, recorded);
  });
});

test('the link of a bundle lists what is open, each with a link of its own', async () => {
  const token = tokens.write('ana', { number: 0, incident: '', episode: '', at: now - hour });
  const { body, statusCode } = await get(`/i/${token}`);
  assert.equal(statusCode, 200);
  const found = [...body.matchAll(/href="(\/i\/[\w-]{32})"/g)].map(([, address]) => address);
  assert.deepEqual(found.toSorted(), ['open', 'odd', 'twice', 'named'].map((id) => linkTo(id)).toSorted());
  assert.match(body, /reply LIST\s+to see those/);
});
