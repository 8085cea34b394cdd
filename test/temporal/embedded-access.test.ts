/** Who can use the embedded server: this user's programs and browser, and neither web pages nor other users. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { readEnvironment } from '../../src/config/config.js';
import { findBinary } from '../../src/temporal/binaries.js';
import { connectTemporal, type Temporal } from '../../src/temporal/connection.js';
import { startEmbedded, type EmbeddedTemporal } from '../../src/temporal/embedded.js';
import { readPidFile } from '../../src/temporal/pid-file.js';
import { freePort } from '../../src/temporal/ports.js';
import { listeningPorts } from '../helpers/listening-ports.js';
import { until } from '../helpers/until.js';

let parent: string;
let directory: string;
let port: number;
let server: EmbeddedTemporal;
let temporal: Temporal;

before(async () => {
  parent = await mkdtemp(join(tmpdir(), 'access-'));
  directory = join(parent, '.data');
  port = await freePort(27_000 + (process.pid % 1000), [0, 1000]);
  const start = async () => startEmbedded({ binary: await findBinary('temporal', readEnvironment()), port, directory });
  await (await start()).stop();
  // As an earlier version left them.
  await chmod(directory, 0o755);
  await chmod(join(directory, 'temporal.db'), 0o644);
  server = await start();
  temporal = connectTemporal({ connectionOptions: { address: server.address } });
  await temporal.client.workflow.start('incident', { workflowId: 'incident:x', taskQueue: 'none' });
});
after(async () => {
  await temporal.close();
  await server.stop();
  await rm(parent, { recursive: true });
});

const pidFile = () => join(directory, 'temporal.pid');

/** A request with any Host header, which `fetch` would not send. */
async function send(toPort: number, method: string, path: string, headers: Record<string, string>, body = '') {
  const sent = request({ host: '127.0.0.1', port: toPort, method, path, headers, agent: false }).end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

const signal = '/api/v1/namespaces/default/workflows/incident%3Ax/signal/answer';
const signalsReceived = async (): Promise<number> => {
  const { events } = await temporal.client.workflow.getHandle('incident:x').fetchHistory();
  return (events ?? []).filter(({ workflowExecutionSignaledEventAttributes: it }) => it).length;
};

describe('the embedded server', { timeout: 600_000 }, () => {
  test('its HTTP API takes no request of a web page, and gRPC works', async () => {
    const { pid, innerUiPort } = (await readPidFile(pidFile())) ?? assert.fail('there is a pid file');
    const statuses: (number | string)[] = [];
    for (const other of listeningPorts(pid).filter((it) => it !== port && it !== innerUiPort)) {
      for (const host of [`127.0.0.1:${other}`, 'rebound.example.com']) {
        // What a page can send without asking the server first.
        const headers = { host, origin: 'http://rebound.example.com', 'content-type': 'text/plain' };
        const sent = send(other, 'POST', signal, headers, '{}');
        statuses.push((await sent.catch(() => ({ status: 'no HTTP' }))).status ?? 0);
      }
    }
    assert.ok(statuses.includes(403), `the HTTP API is one of the ports: ${statuses.join()}`);
    assert.ok(!statuses.includes(200), statuses.join());
    assert.equal(await signalsReceived(), 0);
    await temporal.client.workflow.getHandle('incident:x').signal('answer');
    assert.equal(await signalsReceived(), 1);
  });

  test('its Web UI is for names of this machine and for its own pages', async () => {
    const uiPort = port + 1000;
    const status = async (headers: Record<string, string>, method = 'GET') =>
      (await send(uiPort, method, method === 'GET' ? '/api/v1/namespaces' : signal, headers)).status;
    const own = { host: `127.0.0.1:${uiPort}` };
    await until('the Web UI to be ready', async () => (await status(own)) === 200);
    for (const host of [own.host, `localhost:${uiPort}`, 'localhost:9000', `[::1]:${uiPort}`]) {
      assert.equal(await status({ host }), 200, host);
      assert.equal(await status({ host, origin: `http://${host}` }), 200, host);
    }
    for (const host of ['rebound.example.com', `rebound.example.com:${uiPort}`, '127.0.0.1.example.com', '192.0.2.1']) {
      assert.equal(await status({ host }), 403, host);
      assert.equal(await status({ host, origin: `http://${host}` }, 'POST'), 403, host);
    }
    for (const origin of ['http://rebound.example.com', 'http://127.0.0.1:3000', 'null', `https://${own.host}`])
      assert.equal(await status({ ...own, origin }, 'POST'), 403, origin);
    const page = await send(uiPort, 'GET', '/namespaces/default/workflows', own);
    assert.deepEqual([page.status, page.headers['x-frame-options']], [200, 'DENY']);
    assert.match(page.body, /<html/);
  });

  test('the UI behind it listens on a port that browsers refuse', async () => {
    const { innerUiPort } = (await readPidFile(pidFile())) ?? assert.fail('there is a pid file');
    assert.equal((await send(innerUiPort, 'GET', '/', { host: 'any' })).status, 200);
    await assert.rejects(fetch(`http://127.0.0.1:${innerUiPort}/`), ({ cause }: Error) => {
      assert.match(String(cause), /bad port/);
      return true;
    });
  });

  test('other users can read neither its directory nor its database', async () => {
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    assert.equal(await mode(directory), '700');
    const databases = (await readdir(directory)).filter((name) => name.startsWith('temporal.db'));
    assert.ok(databases.includes('temporal.db-wal'), databases.join());
    for (const name of databases) assert.equal(await mode(join(directory, name)), '600', name);
    assert.equal(await mode(join(directory, 'temporal.log')), '600');
  });
});
