/** What doctor reports, as a test compares it. */
import assert from 'node:assert/strict';
import { Type } from 'typebox';
import type { AdminSession } from '../tableau-admin.js';

const Report = Type.Object({
  ok: Type.Boolean(),
  findings: Type.Array(
    Type.Object({
      check: Type.String(),
      status: Type.String(),
      message: Type.String(),
      fix: Type.Optional(Type.String()),
    }),
  ),
});
/** All that is not ok: check → status, message and fix. */
export async function problems(session: AdminSession, env?: Record<string, string>) {
  const { code, findings } = await session.runJson(Report, ['doctor'], env);
  const found = findings.filter(({ status }) => status !== 'ok');
  for (const { status, fix } of found) assert.ok(status === 'skipped' || fix, 'every finding has a fix');
  return {
    code,
    ...Object.fromEntries(found.map(({ check, status, message, fix }) => [check, `${status}: ${message} → ${fix}`])),
  };
}
/** The problems are these, and no others. */
export const has = (actual: object, expected: Record<string, RegExp | number>) => {
  assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(expected).toSorted());
  for (const [check, wanted] of Object.entries(expected)) {
    const output = Object.entries(actual).find(([name]) => name === check)?.[1];
    if (typeof wanted === 'number') assert.equal(output, wanted, check);
    else assert.match(String(output), wanted);
  }
};
