/** A test call of the page of health, with workers and the sandbox's phone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signalNotice } from '../../src/temporal/notices.js';
import { onTimeSkippingService } from '../helpers/time-skipping-service.js';

const settings = { windowMs: 60_000, callWindowMs: 180_000, messagesPerHour: 20, callsPerHour: 6, answersPerHour: 20 };
const notice = {
  noticeId: 'test:1',
  kind: 'text',
  channel: 'call',
  text: 'TEST by call: nothing is to be done.',
} as const;

test('a test call rings until it is answered, says its text without a menu, and is over', () =>
  onTimeSkippingService({}, async ({ client, ana, quiet, nothingElse }) => {
    await signalNotice(client, 'ana', notice, settings);
    const call = await ana.rings();
    await quiet();
    assert.equal(ana.call(call.sid).status, 'ringing', 'nobody ends it');
    await ana.picksUp(call);
    assert.equal(ana.call(call.sid).spoken.trim(), notice.text);
    await signalNotice(client, 'ana', notice, settings);
    await nothingElse();
  }));
