import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Client } from '@temporalio/client';
import type { FastifyInstance } from 'fastify';
import { assertHas, byTwilio, clientWithoutServer, buildTestApp, sidFor, signalsOf, startTemporal } from './service.js';

let client: Client;
let app: FastifyInstance;

before(async () => {
  ({ client } = await startTemporal());
  ({ app } = await buildTestApp(client));
  // Whoever has sent nothing has no pager: a reply starts one.
  await app.inject(
    byTwilio('/twilio/message', [
      ['MessageSid', sidFor('SM', '1')],
      ['From', '+15550000001'],
      ['Body', 'ACK'],
    ]),
  );
});

describe('a delivery receipt', () => {
  const path = '/twilio/status?contact=ana&attempt=at-2';
  const receiptsOf = async () =>
    (await signalsOf(client, 'pager:ana')).filter(({ name }) => name === 'receipt').map(({ payload }) => payload);

  test('is signalled to the pager that requested the message or call, whatever its status', async () => {
    const table: [[string, string][], object][] = [
      [
        [
          ['MessageSid', sidFor('SM', '9')],
          ['MessageStatus', 'undelivered'],
          ['ErrorCode', '63016'],
        ],
        { attempt: 'at-2', sid: sidFor('SM', '9'), status: 'undelivered', errorCode: '63016' },
      ],
      [
        [
          ['CallSid', sidFor('CA', '9')],
          ['CallStatus', 'no-answer'],
        ],
        { attempt: 'at-2', sid: sidFor('CA', '9'), status: 'no-answer' },
      ],
      [
        [
          ['MessageSid', sidFor('SM', '9')],
          ['MessageStatus', 'brand-new'],
        ],
        { sid: sidFor('SM', '9'), status: 'brand-new' },
      ],
    ];
    for (const [fields, expected] of table) {
      const answer = await app.inject(byTwilio(path, fields));
      assert.deepEqual([answer.statusCode, answer.body], [204, '']);
      assertHas((await receiptsOf()).at(-1), expected);
    }
  });

  test('for a pager that does not run, or without a status, is answered 204 and not signalled', async () => {
    const fields: [string, string][] = [
      ['MessageSid', sidFor('SM', '9')],
      ['MessageStatus', 'delivered'],
    ];
    const count = (await receiptsOf()).length;
    for (const url of ['/twilio/status?contact=lead&attempt=a', '/twilio/status'])
      assert.equal((await app.inject(byTwilio(url, fields))).statusCode, 204);
    assert.equal((await app.inject(byTwilio(path, [['MessageSid', sidFor('SM', '9')]]))).statusCode, 204);
    assert.equal((await receiptsOf()).length, count);
  });

  test('is 503 while Temporal is unavailable, so that Twilio retries', async () => {
    const { app: withoutTemporal } = await buildTestApp(clientWithoutServer(), {
      temporalTimeouts: { twilioTimeoutMs: 200 },
    });
    const answer = await withoutTemporal.inject(
      byTwilio(path, [
        ['MessageSid', sidFor('SM', '9')],
        ['MessageStatus', 'delivered'],
      ]),
    );
    assert.equal(answer.statusCode, 503);
  });
});
