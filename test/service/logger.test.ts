import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApplicationFailure } from '@temporalio/common';
import { createLogger, type LogOptions } from '../../src/service/logger.js';
import { temporalLogger } from '../../src/service/temporal-logger.js';
import { redact } from '../../src/service/redact.js';

function listen(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const logger = createLogger({ level: 'info', pretty: false, secrets: ['sesame"open'], destination, ...options });
  return { logger, text: () => lines.join('') };
}

describe('redaction', () => {
  const table: [string, string][] = [
    ['paged +15550000001 now', 'paged +1******0001 now'],
    ['whatsapp:+447700900123', 'whatsapp:+4******0123'],
    ['To=%2B15550000001&From', 'To=%2B1******0001&From'],
    ['at 2026-01-01T00:00:00+0200', 'at 2026-01-01T00:00:00+0200'],
    ['Authorization: Bearer abc.def-1', 'Authorization: Bearer ***'],
    ['POST /notifier/some-secret?x=1', 'POST /notifier/***?x=1'],
    ['POST /notifier?secret=some-secret&x=1', 'POST /notifier?secret=***&x=1'],
    ['{"authToken":"abc","n":1}', '{"authToken":"***","n":1}'],
    ['{"X-Tableau-Auth":"a\\"b","ok":"yes"}', '{"X-Tableau-Auth":"***","ok":"yes"}'],
    ['{"body":"I am ill"}', '{"body":"***"}'],
    ['incident refresh:site:1b2c3d', 'incident refresh:site:1b2c3d'],
  ];
  for (const [text, clean] of table) test(text, () => assert.equal(redact(text), clean));

  test('a known secret is removed everywhere, also in JSON', () => {
    assert.equal(redact('x sesame"open y', ['sesame"open']), 'x *** y');
    assert.equal(redact(JSON.stringify({ a: 'sesame"open' }), ['sesame"open']), '{"a":"***"}');
  });
});

for (const pretty of [false, true]) {
  test(`every ${pretty ? 'pretty' : 'JSON'} line is redacted: fields, text, errors and child loggers`, () => {
    const { logger, text } = listen({ pretty });
    const inner = new Error('inner +15550000002');
    const error = Object.assign(new Error('no answer from +15550000001', { cause: inner }), {
      code: 21610,
      config: { headers: { authorization: 'Basic c2VjcmV0' }, data: 'Body=words' },
    });
    logger.error({ err: error, to: '+15550000003' }, 'sending to %s with sesame"open', '+15550000004');
    logger.child({ token: 'child-token' }).info('child');
    assert.match(text(), /no answer from \+1\*{6}0001/);
    assert.match(text(), /inner \+1\*{6}0002/);
    assert.match(text(), /21610/);
    assert.doesNotMatch(text(), /555000|c2VjcmV0|Body=words|child-token|sesame/);
  });
}

test('a brief log omits requests and ids', () => {
  const { logger, text } = listen({ pretty: true, brief: true });
  logger.info({ reqId: 'req-1', status: 200 }, 'request');
  logger.info({ reqId: 'req-1', contact: 'ana' }, 'reply recorded');
  assert.match(text(), /reply recorded.*"contact":"ana"/);
  assert.doesNotMatch(text(), /req-1|status/);
});

describe("Temporal's log", () => {
  test('contains the lines of workflows, and only warnings of the SDK itself', () => {
    const { logger, text } = listen();
    const temporal = temporalLogger(logger);
    temporal.info('Worker state changed', { sdkComponent: 'worker' });
    temporal.warn('No workflows registered, not polling for workflow tasks', { sdkComponent: 'core' });
    assert.equal(text(), '');
    temporal.info('logged by a workflow', { sdkComponent: 'workflow', workflowId: 'pager:ana', runId: 'r' });
    assert.match(text(), /"workflowId":"pager:ana","msg":"logged by a workflow"/);
    temporal.error('an alarm', { sdkComponent: 'workflow', alarm: 'x' });
    assert.match(text(), /"level":"error".*"alarm":"x"/);
  });

  test('an ApplicationFailure of an activity is logged without a stack', () => {
    const { logger, text } = listen();
    const error = ApplicationFailure.nonRetryable('Twilio refused', 'recipient');
    temporalLogger(logger).warn('Activity failed', { sdkComponent: 'worker', error });
    assert.match(text(), /"error":"Twilio refused"/);
  });
});

test('redaction takes time in proportion to the length of a text, however it was chosen', () => {
  const hostile = [
    `"${'token'.repeat(200_000)}`,
    '"token'.repeat(170_000),
    '"token":"'.repeat(110_000),
    `"token":"${'\\'.repeat(1_000_000)}`,
    `Bearer ${'a'.repeat(1_000_000)}`,
    '+1'.repeat(500_000),
    '/notifier/?token='.repeat(60_000),
  ];
  for (const text of hostile) {
    const begunAt = performance.now();
    redact(text, ['sesame"open']);
    const tookMs = performance.now() - begunAt;
    assert.ok(tookMs < 1_000, `${text.slice(0, 20)} took ${tookMs} ms`);
  }
});
