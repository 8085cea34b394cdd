/** The functions that take text from outside: 1 MB takes at most 50 ms of the processor, and five times that on a busy machine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDelivery } from '../../src/api/intake/events.js';
import { incidentIdFor, summaryOf } from '../../src/temporal/incident-ids.js';
import { oneLine } from '../../src/temporal/one-line.js';
import { bareNumber, withoutVariant } from '../../src/config/phone-numbers.js';
import { matchesEvent } from '../../src/policy/route.js';
import { redact } from '../../src/service/redact.js';
import { causeOf } from '../../src/tableau/look-ups/cause.js';
import { refusal, refusedRerun } from '../../src/tableau/rest/errors.js';
import { knownFrom } from '../../src/tableau/look-ups/jobs.js';
import { shown } from '../../src/tableau/rest/reading.js';
import { parseReply } from '../../src/workflows/reply-parser.js';
import { fit, plain, roleOnly, whatHappened } from '../../src/workflows/words.js';
import { hostileTexts } from './hostile.js';
import { processorMs } from './processor-ms.js';

const megabyte = 1024 * 1024;
const maxMs = 5 * 50;

const answer = (error: object) => ({ status: 400, body: { error: { code: '400000', ...error } } });
const now = Date.parse('2026-03-01T03:00:00Z');

function read(text: string): void {
  const delivery = readDelivery({ event_type: 'A', resource_luid: 'B', resource_name: text, created_at: text }, now);
  assert.equal(delivery.what, 'event');
  incidentIdFor(delivery.event);
  summaryOf(delivery.event);
  readDelivery({ event_type: text, resource_luid: text, site_luid: text }, now);
}

const functions: Record<string, (text: string) => unknown> = {
  redact: (text) => redact(text, ['a-secret-of-ours']),
  causeOf,
  knownFrom: (notes) => knownFrom({ extractRefreshJob: { notes, workbook: { id: notes } }, completedAt: notes }),
  shown,
  refusal: (summary) => refusal(answer({ summary }), 'workbook'),
  refusedRerun: (detail) => refusedRerun({ ...answer({ detail, code: '429000' }), status: 429 }),
  readDelivery: read,
  oneLine: (text) => oneLine(text, 200),
  matchesEvent: (text) => matchesEvent('*Refresh*Failed', text),
  parseReply,
  bareNumber: (text) => withoutVariant(bareNumber(text)),
  fit: (text) => fit(text, 60),
  plain,
  roleOnly,
  whatHappened,
};

for (const [name, work] of Object.entries(functions))
  test(name, (t) => {
    let slowest = { ms: 0, text: '' };
    for (const text of hostileTexts(megabyte)) {
      const ms = processorMs(() => work(text));
      if (ms > slowest.ms) slowest = { ms, text: JSON.stringify(text.slice(0, 20)) };
      assert.ok(ms <= maxMs, `${ms} ms for ${JSON.stringify(text.slice(0, 20))}`);
    }
    t.diagnostic(`${Math.round(slowest.ms)} ms for ${slowest.text}`);
  });
