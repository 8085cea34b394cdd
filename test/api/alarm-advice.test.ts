import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whatToDo } from '../../src/api/health/advice.js';
import { read } from '../packaging/files.js';

const [, table = ''] = /At `GET \/`, while they last:([^]*?)\n### /.exec(read('docs/operations.md')) ?? [];
const codes = [...table.matchAll(/^\| (`[^|]+?) +\|/gm)]
  .flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)])
  .map(([, code = '']) => code.replace('<five digits>', '63016').replace('<status>', '503'));

test('whoever is signed in reads what to do about each alarm that the documents have', () => {
  assert.ok(codes.includes('webhook-gone') && codes.includes('sign-in-provider'), codes.join(', '));
  for (const code of codes) assert.notEqual(whatToDo(code), whatToDo('unknown'), code);
});

test('where Twilio was not asked at all, nobody is sent to its status page', () => {
  for (const code of ['twilio-no-address', 'twilio-no-sender'])
    assert.doesNotMatch(whatToDo(code), /status\.twilio\.com/, code);
});
