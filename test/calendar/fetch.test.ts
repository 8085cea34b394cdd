import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createFetchCalendar } from '../../src/calendar/fetch.js';
import { CalendarProblem } from '../../src/calendar/problem.js';
import { calendarServer } from './server.js';
import { calendar } from './texts.js';

const text = calendar();

/** Rejects with this sentence, which does not have the secret of the address. */
const refuses = (reading: Promise<unknown>, sentence: RegExp) =>
  assert.rejects(reading, (error) => {
    assert.ok(error instanceof CalendarProblem, String(error));
    assert.match(error.message, sentence);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });

const redirect = (response: ServerResponse, location: string, status = 302) =>
  void response.writeHead(status, { location }).end();

describe('a calendar by https', () => {
  test('is read, and read again only when it has changed', async (t) => {
    const asked: IncomingMessage['headers'][] = [];
    const { url, fetchCalendar } = await calendarServer(t, ({ headers }, response) => {
      asked.push(headers);
      if (headers['if-none-match'] === '"1"') response.writeHead(304).end();
      else response.writeHead(200, { etag: '"1"', 'last-modified': 'Sun, 29 Nov 2026 03:00:00 GMT' }).end(text);
    });
    const read = fetchCalendar();
    const copy = await read(`${url}/secret.ics`, null);
    assert.equal(copy.text, text);
    assert.equal(await read(`${url}/secret.ics`, copy), copy);
    assert.equal(asked[1]?.['if-modified-since'], 'Sun, 29 Nov 2026 03:00:00 GMT');
    assert.deepEqual(await read(`${url}/secret.ics`, { text: 'older', etag: '"0"' }), copy);
  });

  test('is followed through three redirects, and not through four, nor to http', async (t) => {
    const { url, fetchCalendar } = await calendarServer(t, (request, response) => {
      const left = Number(request.url?.slice(1));
      if (Number.isNaN(left)) redirect(response, 'http://127.0.0.1/secret', 301);
      else if (left > 0) redirect(response, `/${left - 1}`, [301, 302, 303, 307, 308][left]);
      else response.end(text);
    });
    assert.equal((await fetchCalendar()(`${url}/3`, null)).text, text);
    await refuses(fetchCalendar()(`${url}/4`, null), /^redirects more than 3 times$/);
    await refuses(fetchCalendar()(`${url}/http`, null), /^redirects to an address without https$/);
  });

  test('at a private address is refused, by number and by name, without a connection', async (t) => {
    let connections = 0;
    const { url, ca } = await calendarServer(t, (_, response) => {
      connections += 1;
      response.end(text);
    });
    const read = createFetchCalendar({ ca });
    const { port } = new URL(url);
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '0x7f.1',
      '2130706433',
      '10.0.0.1',
      '169.254.169.254',
    ])
      await refuses(read(`https://${host}:${port}/secret`, null), /^has a private address$/);
    assert.equal(connections, 0);
  });

  test('that redirects to a private address is refused, by number and by name', async (t) => {
    const { url, fetchCalendar } = await calendarServer(t, (request, response) =>
      redirect(response, `https://${request.url?.slice(1)}/secret`),
    );
    for (const host of ['10.0.0.1', '169.254.169.254', '[::1]', '[fd00::1]', '127.0.0.2'])
      await refuses(fetchCalendar()(`${url}/${host}`, null), /^redirects to a private address$/);
    // The name is looked up when it is connected to: the server has a number, so only the name is refused.
    const looked: string[] = [];
    const isAllowed = (address: string) => looked.push(address) === 1;
    await refuses(fetchCalendar({ isAllowed })(`${url}/localhost`, null), /^redirects to a private address$/);
    assert.ok(looked.length > 1);
  });

  test('of 50 MB is not read further than 2 MB, and neither is one that inflates to it', async (t) => {
    let sentBytes = 0;
    const { url, fetchCalendar } = await calendarServer(t, (request, response) => {
      if (request.url === '/zip') {
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(50 * 1024 * 1024, 'x')));
        return;
      }
      const chunk = Buffer.alloc(256 * 1024, 'x');
      const send = (): void => {
        while (sentBytes < 50 * 1024 * 1024 && !response.destroyed) {
          sentBytes += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', send);
        }
        response.end();
      };
      send();
    });
    await refuses(fetchCalendar()(`${url}/secret`, null), /^has more than 2 MB$/);
    assert.ok(sentBytes < 20 * 1024 * 1024, `${sentBytes}`);
    await refuses(fetchCalendar()(`${url}/zip`, null), /^has more than 2 MB$/);
  });

  test('that comes too slowly, is not there, is down, or has a certificate of a stranger is named', async (t) => {
    const { url, fetchCalendar, close } = await calendarServer(t, (request, response) => {
      if (request.url === '/none') response.writeHead(404).end('secret');
      // Some of it, and no more.
      else response.writeHead(200).write('BEGIN:');
    });
    await refuses(fetchCalendar({ timeoutMs: 300 })(`${url}/slow`, null), /^did not answer within 0\.3 s$/);
    await refuses(fetchCalendar()(`${url}/none`, null), /^cannot be read: the server answers 404$/);
    await refuses(
      createFetchCalendar({ isAllowed: () => true })(`${url}/secret`, null),
      /^cannot be reached \((UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT_LOCALLY)\)$/,
    );
    close();
    await refuses(fetchCalendar()(`${url}/secret`, null), /^cannot be reached \(ECONNREFUSED\)$/);
  });
});

test('a calendar in a file is read within the same limit', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'calendar-'));
  t.after(() => rm(directory, { recursive: true }));
  const path = join(directory, 'ops.ics');
  const read = createFetchCalendar();
  await refuses(read(path, null), /^cannot be read \(ENOENT\)$/);
  await writeFile(path, text);
  assert.deepEqual(await read(path, null), { text });
  await writeFile(path, Buffer.alloc(3 * 1024 * 1024, 'x'));
  await refuses(read(path, null), /^has more than 2 MB$/);
  await refuses(read(directory, null), /^cannot be read \(EISDIR\)$/);
});
