import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { freePort } from '../helpers/free-port.js';
import { commands, filesUnder, isThere, manifest, read } from './files.js';

const lines = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter(Boolean);
const all = (word: string): string[] =>
  lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
const list = (text: string | undefined): string[] => Value.Parse(Type.Array(Type.String()), parse(text ?? ''));

describe('Dockerfile', () => {
  test('builds on one pinned Debian with a tested version of Node', () => {
    const stages = all('FROM').map((from) => from.split(' '));
    const names = stages.map(([, , name]) => name);
    const foreign = stages.map(([image = '']) => image).filter((image) => !names.includes(image));
    assert.equal(foreign.length, 1);
    assert.match(foreign[0] ?? '', /^node:24\.\d+\.\d+-bookworm-slim(@sha256:[0-9a-f]{64})?$/);
  });

  test('installs from the lockfile only, and ships production packages only', () => {
    const installs = all('RUN').filter((run) => /npm (?!run)/.test(run));
    assert.deepEqual(installs, ['npm ci --include=dev', 'npm ci --omit=dev']);
    assert.match(read('.npmrc'), /^ignore-scripts=true$/m);
    assert.ok(all('RUN').includes('npm run build') && 'build' in manifest.scripts);
  });

  test('copies existing files that .dockerignore allows, and no secret', () => {
    const open = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    assert.match(read('.dockerignore'), /^\*$/m);
    const copied = all('COPY')
      .filter((copy) => !copy.startsWith('--from'))
      .flatMap((copy) => copy.split(' ').slice(0, -1));
    for (const path of copied) assert.ok(open.includes(path) && isThere(path), `${path} is copied`);
    for (const path of open) assert.ok(isThere(path) && copied.includes(path), `${path} is let in for nothing`);
  });

  test('runs as an unprivileged user, and receives the stop signal', () => {
    assert.deepEqual([all('USER'), all('STOPSIGNAL')], [['node'], ['SIGTERM']]);
    const [node, file = ''] = list(all('ENTRYPOINT')[0]);
    assert.deepEqual([node, file], ['node', manifest.bin['tableau-webhooks']]);
    assert.ok(commands.includes(list(all('CMD')[0])[0] ?? ''));
  });

  test('its health check fails for an unhealthy api and for none', async (t) => {
    const [, command] = /CMD (\[.*)$/.exec(all('HEALTHCHECK')[0] ?? '') ?? [];
    const [, ...args] = list(command);
    const port = await freePort();
    const healthy = async (): Promise<boolean> => {
      const child = spawn(process.execPath, args, { env: { PORT: String(port) } });
      await once(child, 'exit');
      return child.exitCode === 0;
    };
    assert.equal(await healthy(), false, 'none');
    let status = 200;
    const requested: (string | undefined)[] = [];
    const server = createServer(({ url }, response) => {
      requested.push(url);
      response.writeHead(status).end();
    }).listen(port, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    assert.equal(await healthy(), true);
    status = 503;
    assert.equal(await healthy(), false, 'a sick one');
    assert.deepEqual(requested, ['/healthz', '/healthz']);
  });
});

test('the shipped code imports no development package', () => {
  const importing = /(?:from|import) '([^.'][^']*)'|import\('([^.'][^']*)'\)/g;
  const needed = filesUnder('src', '.ts').flatMap((file) =>
    [...read(file).matchAll(importing)].map(([, one, other]) => ({ file, name: one ?? other ?? '' })),
  );
  assert.ok(needed.length > 100);
  for (const { file, name } of needed) {
    const of = name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/');
    const known = name.startsWith('node:') ? builtinModules.includes(name.slice(5)) : of in manifest.dependencies;
    assert.ok(known, `${file} imports ${name}`);
  }
});
