import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSharedSession, type Session } from '../../src/tableau/rest/session.js';

function signingIn() {
  let signIns = 0;
  const signIn = (): Promise<Session> => Promise.resolve({ token: `token-${++signIns}`, siteId: 'site' });
  return { signIn, count: () => signIns };
}
const many = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 200 }, work));

describe('the shared session', () => {
  test('begins once for many requests at a time', async () => {
    const { signIn, count } = signingIn();
    const session = createSharedSession(signIn, { lifetimeMs: 60_000, exclusive: false });
    await many(() => session.current());
    await session.current();
    assert.equal(count(), 1);
  });

  test('is renewed before its lifetime ends', async () => {
    const { signIn, count } = signingIn();
    let now = 0;
    const session = createSharedSession(signIn, { lifetimeMs: 120 * 60_000, exclusive: false, now: () => now });
    await session.current();
    now = 113 * 60_000;
    assert.equal((await session.current()).token, 'token-1');
    now = 115 * 60_000;
    assert.equal((await session.current()).token, 'token-2');
    assert.equal(count(), 2);
  });

  test('is renewed once when Tableau has ended it, for many failed requests', async () => {
    const { signIn, count } = signingIn();
    const session = createSharedSession(signIn, { lifetimeMs: 60_000, exclusive: false });
    const first = await session.current();
    const renewed = await many(() => session.renewed(first));
    assert.equal((await session.renewed(first)).token, 'token-2');
    assert.deepEqual(new Set(renewed.map(({ token }) => token)), new Set(['token-2']));
    assert.equal(count(), 2);
  });

  test('is begun again after a failed sign-in', async () => {
    let signIns = 0;
    const session = createSharedSession(
      () => {
        signIns++;
        return signIns === 1 ? Promise.reject(new Error('down')) : Promise.resolve({ token: 't', siteId: 's' });
      },
      { lifetimeMs: 60_000, exclusive: false },
    );
    await assert.rejects(session.current(), /down/);
    assert.equal((await session.current()).token, 't');
  });

  test('is renewed after growing random pauses when others use the same token', async () => {
    const pauses: number[] = [];
    const { signIn } = signingIn();
    let now = 0;
    const session = createSharedSession(signIn, {
      lifetimeMs: 60 * 60_000,
      exclusive: true,
      now: () => now,
      sleep: async (ms) => void pauses.push(ms),
    });
    let held = await session.current();
    for (let n = 0; n < 8; n += 1) held = await session.renewed(held);
    for (const [n, pause] of pauses.entries()) {
      const longest = Math.min(150 * 2 ** n, 4_000);
      assert.ok(pause >= longest / 2 && pause <= longest, `${n}: ${pause}`);
    }
    assert.ok(new Set(pauses).size > 4);
    now = 60_000;
    await session.renewed(held);
    assert.ok((pauses[8] ?? 0) <= 150, 'the pauses start again after a quiet minute');
  });

  test('can be ended once', async () => {
    const session = createSharedSession(signingIn().signIn, { lifetimeMs: 60_000, exclusive: false });
    assert.equal(await session.end(), undefined);
    await session.current();
    assert.equal((await session.end())?.token, 'token-1');
    assert.equal(await session.end(), undefined);
  });
});
