/** Slow clients, and clients that send too much. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { sendRaw, rawRequest } from '../helpers/raw-http.js';
import { until } from '../helpers/until.js';
import { config, failure, buildTestApp, startTemporal } from './service.js';

let client: Client;
before(async () => {
  ({ client } = await startTemporal());
});

const listening = async (httpTimeouts: { headersMs: number; requestMs: number; idleMs: number }) => {
  const { app } = await buildTestApp(client, { httpTimeouts });
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, address, port: Number(new URL(address).port) };
};

/** Sends a byte every 20 ms, for at most a minute; gives what came back when the other side closed. */
async function drip(port: number, start: string): Promise<string> {
  let received = '';
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk) => (received += chunk.toString())).on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.write(start);
  const enough = setTimeout(() => socket.destroy(), 60_000);
  const clock = setInterval(() => socket.writable && socket.write('x'), 20);
  await closed;
  clearInterval(clock);
  clearTimeout(enough);
  return received;
}

const post = (target: string, more: string) => `POST ${target} HTTP/1.1\r\nHost: x\r\n${more}`;
const slow: [string, string][] = [
  ['headers', post('/notifier/current-secret-0001', 'X-Slow: ')],
  ['a body with the right secret', post('/notifier/current-secret-0001', 'Content-Length: 60000\r\n\r\n')],
  [
    'a body with a Twilio signature',
    post(
      '/twilio/message',
      `Content-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: ${'A'.repeat(27)}=\r\nContent-Length: 60000\r\n\r\n`,
    ),
  ],
  [
    'the answer of a script',
    post(
      '/incidents/x/acknowledge',
      `Authorization: Bearer ${config.apiToken}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n`,
    ),
  ],
];

test('a client that sends a byte at a time is answered 408 and disconnected, and other clients do not wait', async () => {
  const { address, port } = await listening({ headersMs: 1_000, requestMs: 2_000, idleMs: 10_000 });
  const dripping = new AbortController();
  const began = Date.now();
  const drips = Promise.all(slow.flatMap(([, start]) => Array.from({ length: 25 }, () => drip(port, start))));
  void drips.then(() => dripping.abort());
  let served = 0;
  while (!dripping.signal.aborted) {
    const event = { method: 'POST', body: JSON.stringify(failure()) };
    assert.equal((await fetch(`${address}/notifier/current-secret-0001`, event)).status, 200);
    served += 1;
    await pause(50);
  }
  // Node alone would look after 30 s.
  assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
  assert.ok(served > 3, `${served} events were taken meanwhile`);
  for (const received of await drips) assert.match(received, /^HTTP\/1\.1 408 Request Timeout/);
});

test('a silent client is disconnected, before a request and in the middle of one', async () => {
  const { app, port } = await listening({ headersMs: 500, requestMs: 1_000, idleMs: 1_500 });
  const connections = () => new Promise<number>((resolve) => app.server.getConnections((_, count) => resolve(count)));
  const sockets = ['', ...slow.map(([, start]) => start)].map((start) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(start));
    return socket.on('error', () => undefined).resume();
  });
  await until('all to be there', async () => (await connections()) === sockets.length);
  await until('all to be left', async () => (await connections()) === 0, 60_000);
  for (const socket of sockets) socket.destroy();
});

describe('an endless body', () => {
  const endless = (target: string, headers: [string, string][]) => [
    rawRequest('POST', target, [['Host', 'x'], ['Transfer-Encoding', 'chunked'], ...headers]),
    ...Array.from({ length: 200 }, () => `2000\r\n${'x'.repeat(0x2000)}\r\n`),
  ];
  const table: [string, string, [string, string][], number][] = [
    ['with the right secret', '/notifier/current-secret-0001', [], 413],
    ['with a wrong secret', '/notifier/wrong-secret-0000', [], 401],
    [
      'with a Twilio signature',
      '/twilio/status',
      [
        ['X-Twilio-Signature', `${'A'.repeat(27)}=`],
        ['Content-Type', 'application/x-www-form-urlencoded'],
      ],
      403,
    ],
    [
      'with the api token',
      '/incidents/x/resolve',
      [
        ['Authorization', `Bearer ${config.apiToken}`],
        ['Content-Type', 'application/json'],
      ],
      413,
    ],
    ['without the api token', '/incidents/x/resolve', [], 401],
    ['to an unknown path', '/nothing', [['Content-Type', 'application/json']], 404],
  ];
  for (const [how, target, headers, status] of table)
    test(`${how} is answered ${status} before it ends`, async () => {
      const { port } = await listening({ headersMs: 5_000, requestMs: 5_000, idleMs: 5_000 });
      assert.deepEqual((await sendRaw(port, endless(target, headers))).statuses, [status]);
    });
});
