/** The memo of an incident with more pages and entries than are shown, whose texts are all as long as they may be. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hour, minute } from '../../src/workflows/contract.js';
import { createIncident, policy, start } from '../helpers/incident.js';

/** As Temporal counts it, with room for what it writes beside each value. */
const bytesOf = (memo: Readonly<Record<string, unknown>>): number =>
  Object.entries(memo)
    .filter(([, value]) => value !== null)
    .reduce((sum, [key, value]) => sum + key.length + Buffer.byteLength(JSON.stringify(value)) + 64, 0);

/** Temporal refuses more: `limit.memoSize.error`. */
const mostBytes = 2 * 1024 * 1024;

function largest(text: string): Readonly<Record<string, unknown>> {
  const contacts = Array.from({ length: 50 }, (_, n) => `${'c'.repeat(30)}${n + 10}`);
  const steps = Array.from({ length: 6 }, () => ({ page: contacts, by: 'whatsapp' as const, waitMs: minute }));
  const sales = createIncident({ ...policy, name: 'p'.repeat(32), steps, repeat: 0 });
  sales.pagersAre('silent');
  sales.tableau.knows({
    name: text,
    project: text,
    cause: text,
    ownerRole: contacts[0] ?? '',
    url: `https://tableau.example/${'u'.repeat(976)}`,
    tags: Array.from({ length: 50 }, () => text),
    problems: Array.from({ length: 20 }, () => text),
    consecutiveFailures: Number.MAX_SAFE_INTEGER,
    downstreamWorkbooks: Number.MAX_SAFE_INTEGER,
    lastGoodAt: start,
    nextRunAt: start,
  });
  sales.fails();
  for (let seen = 0; seen < 250;) {
    const pageIds = sales.pageIds().slice(seen);
    assert.ok(pageIds.length > 0, `${seen} pages`);
    seen += pageIds.length;
    for (const pageId of pageIds) {
      sales.reports.held(pageId, start + hour, text);
      sales.input({ type: 'page-sent', sent: { pageId, at: start, read: true } });
      sales.reports.failed(pageId, text);
    }
  }
  const answer = { verb: 'acknowledge', by: 'script', episode: 'e'.repeat(64) } as const;
  for (let n = 10; n < 30; n += 1)
    sales.input({ type: 'answer', answer: { ...answer, answerId: `${'a'.repeat(254)}${n}` }, isShown: true });
  assert.deepEqual([sales.shown.timeline.length, sales.shown.pagesSent.length], [200, 200]);
  return sales.memo;
}

describe('the largest memo', () => {
  test('is what docs/temporal.md says, in plain text', () => {
    const bytes = bytesOf(largest('x'.repeat(5_000)));
    assert.ok(bytes < 200_000, `${bytes} bytes`);
  });

  test('is less than half of what Temporal takes, and what docs/temporal.md says, whatever Tableau, Twilio and scripts say', () => {
    // Six bytes each in JSON, which is the most.
    const bytes = bytesOf(largest('\u0001'.repeat(5_000)));
    assert.ok(bytes < Math.min(mostBytes / 2, 700_000), `${bytes} bytes`);
  });
});
