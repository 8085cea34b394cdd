/** Whatever a form or a link of the sign-in holds: no 5xx, no other host, and nobody is signed in without the token. FUZZ_RUNS makes more of them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { browserSession, csrfOf } from '../browser-session.js';
import { buildTestApp, config, startTemporal } from '../service.js';
import { caseCount } from '../../helpers/case-count.js';

const numRuns = caseCount(300, 'FUZZ_RUNS');
const plenty = { refused: 1e9, home: 1e9, reads: 1e9 };

let app: FastifyInstance;
before(async () => {
  const { client } = await startTemporal();
  ({ app } = await buildTestApp(client, { rates: plenty }));
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('', 'ana', '__proto__', '+1 555 000 0001', '<script>', '\u202Eana', '/', '//x', '/\\x', '/\t/x'),
);
const path = fc.oneof(
  text,
  fc.webUrl(),
  fc
    .array(fc.constantFrom('/', '\\', '.', '..', '\t', '\n', '%2F', 'x', '@', '?', '#', ':'), { maxLength: 8 })
    .map((parts) => `/${parts.join('')}`),
);
const name = fc.constantFrom('name', 'token', 'to', '_csrf', 'by', 'constructor');
const fields = fc.array(fc.tuple(name, text), { maxLength: 8 });

/** Where a browser at our address would go. */
const hostOf = (location: string): string => new URL(location, config.publicUrl).origin;

test('forms of any content sign nobody in', async () => {
  const browser = browserSession(app);
  const csrf = csrfOf((await browser.get('/sign-in')).body);
  const cookie = [...browser.cookies].map(([key, value]) => `${key}=${value}`).join('; ');
  const form = fc.record({ fields, hasCsrf: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(form, async ({ fields: given, hasCsrf }) => {
      const all = new URLSearchParams(hasCsrf ? [['_csrf', csrf], ...given] : given);
      const headers = { cookie, accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
      const response = await app.inject({ method: 'POST', url: '/sign-in', headers, payload: all.toString() });
      assert.ok([400, 401, 403].includes(response.statusCode), `${response.statusCode} for ${all.toString()}`);
      assert.ok(response.cookies.every(({ name: set }) => !set.endsWith('session')));
    }),
    { numRuns },
  );
});

test('with the token any name either signs in or is refused, and any place to go is ours', async () => {
  await fc.assert(
    fc.asyncProperty(text, path, async (who, to) => {
      const browser = browserSession(app);
      const response = await browser.submit('/sign-in', '/sign-in', { name: who, token: config.apiToken, to });
      assert.ok([303, 400].includes(response.statusCode), `${response.statusCode} for ${JSON.stringify([who, to])}`);
      if (response.statusCode !== 303) return;
      assert.equal(hostOf(String(response.headers.location)), config.publicUrl, JSON.stringify(to));
    }),
    { numRuns },
  );
});

test('links of any content lead to no error of ours and to no other host', async () => {
  await fc.assert(
    fc.asyncProperty(path, text, async (to, session) => {
      const query = new URLSearchParams({ to }).toString();
      const headers = { accept: 'text/html', cookie: `__Host-session=${encodeURIComponent(session)}` };
      for (const url of [`/sign-in?${query}`, `/health?${query}`, `/?${query}`, `/sign-in/callback?${query}`]) {
        const { statusCode, headers: found, body } = await app.inject({ url, headers });
        assert.ok(statusCode < 500, `${statusCode} for ${url}`);
        if (found.location !== undefined) assert.equal(hostOf(found.location), config.publicUrl);
        assert.doesNotMatch(body, /<script>|<x[ >]/);
      }
    }),
    { numRuns: Math.ceil(numRuns / 3) },
  );
});
