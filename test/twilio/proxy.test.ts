/** Twilio behind an HTTP proxy, as HTTP_PROXY names it: what timed out must not be sent later. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';
import { authority } from '../helpers/certificates.js';
import { until } from '../helpers/until.js';

const timeoutMs = 500;
const lateMs = 2_000;
const deadlineMs = 20_000;

async function portOf(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

/** Twilio over TLS, which never answers, and a proxy before it that is as slow as `connectAfterMs`. */
async function twilioBehindProxy(t: TestContext, connectAfterMs: number) {
  const { cert: ca, issue } = authority('Tests');
  const directory = await mkdtemp(join(tmpdir(), 'proxy-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await writeFile(join(directory, 'ca.pem'), ca);

  let requests = 0;
  const twilio = createTlsServer(issue('localhost'), () => {
    requests += 1;
  });
  const port = await portOf(t, twilio);
  const clients = new Set<Socket>();
  const proxy = createServer().on('connect', (_request, client: Socket) => {
    clients.add(client);
    client.on('error', () => client.destroy()).on('close', () => clients.delete(client));
    // Who waits for the answer sends nothing, and is only noticed to be gone by reading.
    client.on('end', () => client.destroy()).resume();
    setTimeout(() => {
      const target = connect(port, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      target.on('error', () => client.destroy()).pipe(client);
      client.pipe(target);
    }, connectAfterMs);
  });
  const proxyPort = await portOf(t, proxy);

  /** Sends one message from a process with HTTP_PROXY; gives what its caller gets. */
  const send = async (): Promise<string> => {
    const client = JSON.stringify(new URL('../../src/twilio/client.ts', import.meta.url).href);
    const config = JSON.stringify({
      accountSid: `AC${'0'.repeat(32)}`,
      authTokens: ['token'],
      from: '+15550000009',
      apiBaseUrl: `https://localhost:${port}`,
    });
    const script = `
      const { createTwilioClient } = await import(${client});
      const timeouts = { readTimeoutMs: ${timeoutMs}, writeTimeoutMs: ${timeoutMs} };
      const twilio = createTwilioClient(${config}, timeouts);
      await twilio.messages.create({ to: '+15550000001', from: '+15550000009', body: 'x' }).then(
        () => console.log('sent'),
        (error) => console.log(error.code),
      );
      setTimeout(() => process.exit(), ${2 * lateMs});`;
    const child = spawn(
      process.execPath,
      ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', script],
      {
        env: {
          PATH: process.env['PATH'] ?? '',
          HTTP_PROXY: `http://127.0.0.1:${proxyPort}`,
          NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    t.after(() => child.kill());
    const answer = Promise.race([once(child.stdout, 'data').then(String), text(child.stdout)]);
    return (await answer).trim();
  };
  return { send, requests: () => requests, connections: () => clients.size };
}

test('a message that timed out while the proxy connected is not sent when the proxy is ready', async (t) => {
  const { send, requests, connections } = await twilioBehindProxy(t, lateMs);
  assert.equal(await send(), 'ECONNABORTED');
  await until('the connection to be closed', async () => connections() === 0, lateMs / 2);
  await sleep(lateMs);
  assert.equal(requests(), 0);
});

test('the connection of a message that timed out is closed', async (t) => {
  const { send, requests, connections } = await twilioBehindProxy(t, 0);
  assert.equal(await send(), 'ECONNABORTED');
  await until('the connection to be closed', async () => connections() === 0, deadlineMs);
  assert.equal(requests(), 1);
});
