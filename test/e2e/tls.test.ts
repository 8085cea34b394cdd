import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2';
import { connect, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createServer, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/temporal/ports.js';
import { authority } from '../helpers/certificates.js';
import { closeLater } from '../helpers/close-later.js';
import { slowMachineTimeoutMs, programOf, printingOutputOnFailure, type Program } from '../helpers/processes.js';
import { until } from '../helpers/until.js';
import { startService, secrets, type Service } from './service.js';
import { waitingPhone } from './waiting-phone.js';
import { scriptOf } from './script.js';

const [ours, foreign] = [authority('authority of the test'), authority('somebody else')];
const [server, client, foreignClient] = [ours.issue('temporal'), ours.issue('pager'), foreign.issue('foreign-client')];
/** The contents of the files that these variables name: `inFiles` writes them. */
const trust = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.cert };
const certified = {
  ...trust,
  TEMPORAL_TLS_CLIENT_CERT_PATH: client.cert,
  TEMPORAL_TLS_CLIENT_KEY_PATH: client.key,
};

const without: [string, Record<string, string>, RegExp][] = [
  ['without a client certificate', trust, /"security":"TLS without a client certificate"/],
  [
    'with an untrusted client certificate',
    {
      ...trust,
      TEMPORAL_TLS_CLIENT_CERT_PATH: foreignClient.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: foreignClient.key,
    },
    // A server that does not trust a certificate may close the connection without an alert.
    /"security":"TLS with a client certificate"/,
  ],
  [
    'when the certificate of the server is not trusted',
    { ...certified, TEMPORAL_TLS_SERVER_CA_CERT_PATH: foreign.cert },
    /UnknownIssuer|self-signed certificate/,
  ],
];

let directory = '';
/** Writes each content to a file; gives the variables, which name the files. */
async function inFiles(contents: Record<string, string>): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [name, content] of Object.entries(contents)) {
    const path = join(directory, `${randomUUID()}.pem`);
    await writeFile(path, content);
    variables[name] = path;
  }
  return variables;
}

async function listening(open: Server): Promise<string> {
  open.listen(0, '127.0.0.1');
  await once(open, 'listening');
  closeLater(async () => open.close());
  return `127.0.0.1:${(open.address() as AddressInfo).port}`;
}

/** A proxy before Temporal that requires client certificates: terminates TLS and forwards bytes. */
const seen: string[] = [];
async function frontend(temporal: string): Promise<string> {
  const tls = { ...server, ca: ours.cert, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] };
  const sockets = new Set<{ destroy: () => void }>();
  const open = createServer(tls, (socket: TLSSocket) => {
    seen.push(`${String(socket.getPeerCertificate().subject.CN)} by ${String(socket.alpnProtocol)}`);
    const inner = connect(Number(temporal.split(':')[1]), '127.0.0.1');
    for (const one of [socket, inner]) sockets.add(one.on('error', () => undefined));
    socket.pipe(inner).pipe(socket);
    socket.once('close', () => inner.destroy());
    inner.once('close', () => socket.destroy());
  });
  open.on('tlsClientError', () => undefined);
  closeLater(async () => sockets.forEach((socket) => socket.destroy()));
  return listening(open);
}

let tlsAddress = '';
let service: Service;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tls-'));
  closeLater(() => rm(directory, { recursive: true, force: true }));
  service = await startService({
    escalation: {
      contacts: { ana: { phone: '+15550100001' } },
      policies: { default: { steps: [{ page: ['ana'], by: 'sms', wait: '10m' }] } },
    },
    env: async (temporal) => {
      tlsAddress = await frontend(temporal);
      return { TEMPORAL_ADDRESS: tlsAddress, ...(await inFiles(certified)) };
    },
  });
  closeLater(service.close);
});
const programs = () => [service.api, service.worker];

test(
  'with a client certificate api and worker reach Temporal, and an incident runs from failure to acknowledgement',
  printingOutputOnFailure(programs, async () => {
    const ana = waitingPhone(service.sandbox, '+15550100001');
    const sales = service.item('workbook', 'Sales');
    await service.fails(sales);
    await ana.receives('sms', /Sales/);
    assert.equal(await ana.replies('ok', 'sms'), 200);
    await ana.receives('sms', /^Taken: "Sales"/);
    assert.equal((await scriptOf(service).incident(sales.id)).acknowledgedBy, 'ana');
    assert.ok(seen.length >= 2, 'api and worker each have a connection');
    assert.deepEqual([...new Set(seen)], ['pager by h2']);
  }),
);

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const outside = 'http://127.0.0.1:9';
/** Starts api or worker with other `TEMPORAL_*` variables; resolves when it reports that it is not ready. */
async function refused(name: 'api' | 'worker', temporal: Record<string, string>): Promise<Program & { port: number }> {
  const port = await freePort(17_000 + (process.pid % 900));
  const env = {
    NODE_ENV: 'test',
    PATH: process.env['PATH'] ?? '',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    TABLEAU_DOMAIN: outside,
    TABLEAU_PAT_NAME: 'pager',
    TWILIO_API_BASE_URL: outside,
    TWILIO_API_KEY: `SK${'0'.repeat(32)}`,
    TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
    TWILIO_FROM_NUMBER: '+15550008888',
    TWILIO_TO_NUMBER: '+15550100001',
    ...secrets,
    ...temporal,
  };
  const ready = async (output: string): Promise<boolean> =>
    name === 'worker'
      ? output.includes('workers cannot begin')
      : (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.status === 503;
  const program = programOf({ name, file: process.execPath, args: [main, name], env, cwd: directory, ready });
  after(() => program.stop());
  await program.start();
  return { ...program, port };
}

for (const [how, certificates, why] of without) {
  test(`${how} neither api nor worker reaches Temporal, and both report it`, async () => {
    const known = seen.length;
    const temporal = { TEMPORAL_ADDRESS: tlsAddress, ...(await inFiles(certificates)) };
    const [refusedApi, refusedWorker] = await Promise.all([refused('api', temporal), refused('worker', temporal)]);
    assert.match(refusedWorker.output(), /"alarm":"temporal-unavailable".*"msg":"workers cannot begin; trying again"/);
    await until(
      'the api to report why',
      () => refusedApi.output().includes('Temporal cannot be reached'),
      slowMachineTimeoutMs,
    );
    for (const { output } of [refusedApi, refusedWorker]) assert.match(output(), why);
    assert.equal(seen.length, known);
  });
}

test('an API key is sent to Temporal over TLS as a bearer token and is in no log', async () => {
  const key = 'key-of-temporal-cloud-4711';
  const requests: IncomingHttpHeaders[] = [];
  const open = createSecureServer({ ...server });
  open.on('stream', (stream, headers) => {
    requests.push(headers);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16' }, { endStream: true });
  });
  const address = await listening(open);
  const temporal = {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'pager.a1b2c',
    TEMPORAL_API_KEY: key,
    ...(await inFiles(trust)),
  };
  const both = await Promise.all([refused('api', temporal), refused('worker', temporal)]);
  const agents = () => new Set(requests.map((headers) => headers['user-agent']));
  await until('requests of both', () => agents().size >= 2, slowMachineTimeoutMs);
  for (const headers of requests) assert.equal(headers.authorization, `Bearer ${key}`, String(headers[':path']));
  assert.ok(requests.some((headers) => headers['temporal-namespace'] === 'pager.a1b2c'));
  for (const program of both) {
    assert.equal(await program.stop(), 0);
    assert.ok(!program.output().includes(key));
  }
});
