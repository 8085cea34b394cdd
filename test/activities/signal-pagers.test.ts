import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { createPagingActivities } from '../../src/activities/signal-pagers.js';
import type {
  PagerMessage,
  PagingActivities,
  SignallingResult,
  TableauActivities,
} from '../../src/workflows/activity-contract.js';
import { pagerId, type PageSignal } from '../../src/workflows/pager-contract.js';
import { assertHas, closeLater, signalsOf, startTemporal } from '../api/service.js';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

const settings = { windowMs: 0, callWindowMs: 0, messagesPerHour: 20, callsPerHour: 6, answersPerHour: 20 };
const incident = 'refresh:site:sales';
const payload: PageSignal = {
  incident,
  pageId: 'episode.1',
  channel: 'sms',
  facts: { kind: 'workbook', name: 'Sales', event: 'WorkbookRefreshFailed', failures: 1, since: 0 },
  waitMs: 300_000,
};
const isStaleAttempt = (error: unknown) =>
  error instanceof ApplicationFailure && error.type === 'stale-attempt' && error.nonRetryable !== true;

const lookUp: TableauActivities['lookUp'] = ({ withinMs }) =>
  Promise.resolve({
    learnt: { name: 'Sales', owner: 'Olga', cause: `Found within ${withinMs} ms.`, problems: [] },
    pending: [{ part: 'severity', why: 'slow' }],
  });

/** One attempt of the activity that signals a page. It was scheduled, or its step was due, so many milliseconds ago. */
function signalPage(
  client: Client,
  ago: { scheduled: number; due?: number },
  { attempt = 1, to = 'ana', paged }: { attempt?: number; to?: string; paged?: string[] } = {},
): ReturnType<PagingActivities['signalPagers']> {
  const paging = createPagingActivities({ client, settings: () => settings, lookUp });
  const messages: PagerMessage[] = [{ contact: to, signal: 'page', payload }];
  return new MockActivityEnvironment({
    attempt,
    scheduledTimestampMs: Date.now() - ago.scheduled,
  }).run((input: Parameters<typeof paging.signalPagers>[0]) => paging.signalPagers(input), {
    messages,
    dueAt: ago.due === undefined ? null : Date.now() - ago.due,
    ...(paged ? { paged } : {}),
  });
}

test('a stale attempt, whose worker was frozen, fails instead of signalling its pages, so that the incident decides again', async (t) => {
  const connection = Connection.lazy({ address: '127.0.0.1:9', interceptors: [] });
  t.after(() => connection.close());
  const nobody = new Client({ connection });
  await assert.rejects(signalPage(nobody, { scheduled: 15_000 }), isStaleAttempt);
  await assert.rejects(signalPage(nobody, { scheduled: 0, due: 15_000 }), isStaleAttempt);
  const isTried = async (attempt: ReturnType<typeof signalPage>) =>
    assert.deepEqual(
      (await attempt).unreached.map(({ contact }) => contact),
      ['ana'],
    );
  await isTried(signalPage(nobody, { scheduled: 0, due: 100 }));
  await isTried(signalPage(nobody, { scheduled: 0 }));
  await isTried(signalPage(nobody, { scheduled: 9_000, due: 9_000 }, { attempt: 2 }));
});

// No worker runs here: signals stay unprocessed.
let environment: TestWorkflowEnvironment;
let client: Client;
before(async () => {
  environment = await startTemporal();
  ({ client } = environment);
});

test('a page names the other contacts who may have answered, and says when it is of the first step', async () => {
  await signalPage(client, { scheduled: 100 }, { to: 'lead' });
  await signalPage(client, { scheduled: 100 }, { to: 'lead', paged: ['ana', 'lead'] });
  await signalPage(client, { scheduled: 4_000 }, { attempt: 2, to: 'lead', paged: ['lead'] });
  // The first attempt may have paged somebody else before its worker died.
  await signalPage(client, { scheduled: 4_000 }, { attempt: 2, to: 'lead' });
  const [first, ...later] = await signalsOf(client, pagerId('lead'));
  assertHas(first, { name: 'page', payload: { others: [], isFirstStep: true } });
  assert.equal(later.length, 3);
  assertHas(later[0], { name: 'page', payload: { others: ['ana'] } });
  assertHas(later[1], { name: 'page', payload: { others: [] } });
  assert.deepEqual(
    later.map((signal) => JSON.stringify(signal).includes('isFirstStep')),
    [false, false, false],
  );
});

test('pages say what a look-up finds before they go, and other signals stay as they are', async () => {
  const paging = createPagingActivities({ client, settings: () => settings, lookUp });
  const item = { kind: 'workbook', luid: 'w', name: 'Sales', site: '-' } as const;
  const withdrawal = { incident: 'refresh:a:b', episode: 'older', upTo: 3 };
  const input: Parameters<typeof paging.signalPagers>[0] = {
    messages: [
      { contact: 'frida', signal: 'withdraw', payload: withdrawal },
      { contact: 'frida', signal: 'page', payload },
    ],
    dueAt: null,
    lookUp: { item, event: 'WorkbookRefreshFailed', at: 1, parts: ['item', 'cause', 'severity'], withinMs: 800 },
  };
  const mock = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() });
  const result: SignallingResult = await mock.run((given: typeof input) => paging.signalPagers(given), input);
  const { unreached, lookedUp } = result;
  assert.deepEqual(unreached, []);
  assert.deepEqual(lookedUp?.pending, [{ part: 'severity', why: 'slow' }]);
  const [first, second] = await signalsOf(client, pagerId('frida'));
  assert.deepEqual(first, { name: 'withdraw', payload: withdrawal });
  assertHas(second, {
    name: 'page',
    payload: { pageId: payload.pageId, facts: { name: 'Sales', owner: 'Olga', cause: 'Found within 800 ms.' } },
  });
});

test('what keeps quiet hours says until when its contact has them, by the file in force', async () => {
  const until = Date.now() + 60_000;
  const paging = createPagingActivities({
    client,
    settings: () => settings,
    quietHours: (contact) => (contact === 'hal' ? { until } : contact === 'ida' ? null : { from: until - 1, until }),
    lookUp,
  });
  const { facts } = payload;
  const notice = { noticeId: 'one', kind: 'recovered', incident, episode: 'e', facts, by: null } as const;
  const low = { keepsQuietHours: true } as const;
  const messages: PagerMessage[] = [
    { contact: 'hal', signal: 'page', payload: { ...payload, ...low } },
    { contact: 'hal', signal: 'notice', payload: { ...notice, ...low } },
    { contact: 'hal', signal: 'page', payload: { ...payload, pageId: 'episode.2' } },
    { contact: 'ida', signal: 'page', payload: { ...payload, ...low } },
    { contact: 'jo', signal: 'page', payload: { ...payload, ...low } },
  ];
  await new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(
    (given: PagerMessage[]) => paging.signalPagers({ messages: given, dueAt: null }),
    messages,
  );
  const quietOf = async (contact: string): Promise<string[]> =>
    (await signalsOf(client, pagerId(contact))).map(
      (signal) => /"quietUntil":(\d+)/.exec(JSON.stringify(signal))?.[1] ?? '-',
    );
  assert.deepEqual(await quietOf('hal'), [String(until), String(until), '-']);
  assert.deepEqual(await quietOf('ida'), ['-']);
  assertHas((await signalsOf(client, pagerId('jo')))[0], { payload: { quietFrom: until - 1, quietUntil: until } });
});

test('pages of an item that a silence covers, by what a look-up finds of it, do not go; other signals do', async () => {
  const silence = { id: 'a', until: Date.now() + 60_000, by: 'lead', reason: 'Upgrade.' };
  const found: { isProjectName?: 'always' } = {};
  const paging = createPagingActivities({
    client,
    settings: () => settings,
    lookUp: () => Promise.resolve({ learnt: { project: 'Finance', ...found, problems: [] }, pending: [] }),
    findSilence: ({ project }) => Promise.resolve(project === 'Finance' ? silence : null),
  });
  const withdrawal = { incident: 'refresh:a:b', episode: 'older', upTo: 3 };
  const subject = { name: 'Sales', site: '-', event: 'WorkbookRefreshFailed' };
  const item = { kind: 'workbook', luid: 'w', name: 'Sales', site: '-' } as const;
  const input: Parameters<typeof paging.signalPagers>[0] = {
    messages: [
      { contact: 'gina', signal: 'withdraw', payload: withdrawal },
      { contact: 'gina', signal: 'page', payload },
    ],
    dueAt: null,
    subject,
    lookUp: { item, event: 'WorkbookRefreshFailed', at: 1, parts: ['item'], withinMs: 800 },
  };
  const run = (given: typeof input): Promise<SignallingResult> =>
    new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(
      (one: typeof input) => paging.signalPagers(one),
      given,
    );
  assert.deepEqual((await run(input)).silenced, silence);
  assert.deepEqual(await signalsOf(client, pagerId('gina')), [{ name: 'withdraw', payload: withdrawal }]);
  // Where its path is not known it may be another project of that name.
  found.isProjectName = 'always';
  assert.equal((await run(input)).silenced, undefined);
  const { lookUp: _lookUp, ...without } = input;
  assert.equal((await run(without)).silenced, undefined);
  assert.equal((await signalsOf(client, pagerId('gina'))).length, 5);
});

test('pages whose look-up was interrupted for seconds are not signalled by the first attempt', async () => {
  const paging = createPagingActivities({
    client,
    settings: () => settings,
    async lookUp(request) {
      await pause(2_100);
      return lookUp(request);
    },
  });
  const item = { kind: 'workbook', luid: 'w', name: 'Sales', site: '-' } as const;
  const asked = { item, event: 'WorkbookRefreshFailed', at: 1, parts: [], withinMs: 0 };
  const input = { messages: [{ contact: 'gina', signal: 'page', payload } as const], dueAt: null, lookUp: asked };
  const run = (attempt: number): Promise<SignallingResult> =>
    new MockActivityEnvironment({ attempt, scheduledTimestampMs: Date.now() }).run(
      (given: Parameters<typeof paging.signalPagers>[0]) => paging.signalPagers(given),
      input,
    );
  await assert.rejects(run(1), isStaleAttempt);
  assert.deepEqual((await run(2)).unreached, []);
});

describe('a pager that cannot be signalled', () => {
  const pageTo = (contact: string, n: number): PagerMessage => ({
    contact,
    signal: 'page',
    payload: { ...payload, pageId: `episode.${n}` },
  });
  function signalPagers(through: Client, messages: PagerMessage[]): Promise<SignallingResult> {
    const paging = createPagingActivities({ client: through, settings: () => settings, lookUp });
    return new MockActivityEnvironment({ scheduledTimestampMs: Date.now() }).run(
      (input: Parameters<typeof paging.signalPagers>[0]) => paging.signalPagers(input),
      { messages, dueAt: null },
    );
  }
  const pageIds = async (contact: string) => {
    const signals = await signalsOf(client, pagerId(contact));
    return signals.map((signal) => Value.Parse(Type.Object({ pageId: Type.String() }), signal.payload).pageId);
  };

  test('is named with the reason, while every other contact has all of its messages in order', async () => {
    // The server refuses the id of its workflow.
    const ben = 'b'.repeat(1_001);
    const messages = [pageTo(ben, 1), pageTo('carla', 2), pageTo('dora', 3), pageTo('carla', 4), pageTo('carla', 5)];
    const { unreached } = await signalPagers(client, messages);
    assert.deepEqual(
      unreached.map(({ contact }) => contact),
      [ben],
    );
    assert.match(unreached[0]?.why ?? '', /WorkflowId exceeds maximum allowed length/);
    assert.deepEqual(await pageIds('carla'), ['episode.2', 'episode.4', 'episode.5']);
    assert.deepEqual(await pageIds('dora'), ['episode.3']);
  });

  test('holds the activity up for some seconds at most, when the server says nothing about it', async () => {
    const connection = await Connection.connect({
      address: environment.address,
      interceptors: [
        (options, nextCall) => {
          const call = nextCall(options);
          const send = call.sendMessage.bind(call);
          call.sendMessage = (message: Buffer) => {
            if (!message.includes(pagerId('ben'))) send(message);
          };
          // Of this type in all but its name.
          return call as ReturnType<Interceptor>;
        },
      ],
    });
    closeLater(() => connection.close());
    const began = Date.now();
    const { unreached } = await signalPagers(new Client({ connection, namespace: client.options.namespace }), [
      pageTo('ben', 1),
      pageTo('emil', 2),
    ]);
    assert.ok(Date.now() - began < 8_000, 'Temporal would have given the activity up after 9 s');
    assert.deepEqual(
      unreached.map(({ contact }) => contact),
      ['ben'],
    );
    assert.deepEqual(await pageIds('emil'), ['episode.2']);
  });

  test('gets its page by a retry, which names all who may have answered and is no prompt first step', async () => {
    const paging = createPagingActivities({ client, settings: () => settings, lookUp });
    const retried = { contact: 'fritz', messages: [pageTo('fritz', 1)], paged: ['fritz', 'ana'] };
    const result = await new MockActivityEnvironment().run(
      (input: Parameters<typeof paging.retryPager>[0]) => paging.retryPager(input),
      retried,
    );
    assert.deepEqual(result, { unreached: [] });
    const [page] = await signalsOf(client, pagerId('fritz'));
    assertHas(page, { name: 'page', payload: { others: ['ana'] } });
    assert.ok(!JSON.stringify(page).includes('isFirstStep'));
  });
});
