import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Command } from '../../src/workflows/pager-contract.js';
import { parseKey, parseReply } from '../../src/workflows/reply-parser.js';

const hour = 60 * 60_000;
const acknowledge: Command = { verb: 'acknowledge' };
const unknown: Command = { verb: 'unknown' };

const cases: [string, Command][] = [
  ['ACK', acknowledge],
  ['ack', acknowledge],
  [' Ack. ', acknowledge],
  ['ok', acknowledge],
  ['OK!', acknowledge],
  ['a', acknowledge],
  ['acknowledge', acknowledge],
  ['\u{1F44D}', acknowledge],
  ['\u{1F44D}\u{1F3FD}', acknowledge],
  ['\u{1F44D}\u{1F44D}', acknowledge],
  ['ok \u{1F44D}', acknowledge],
  ['ＡＣＫ', acknowledge],
  ['2', { verb: 'acknowledge', number: 2 }],
  ['#2', { verb: 'acknowledge', number: 2 }],
  ['ACK 2', { verb: 'acknowledge', number: 2 }],
  ['ack  2', { verb: 'acknowledge', number: 2 }],
  ['ack2', { verb: 'acknowledge', number: 2 }],
  ['2 A', { verb: 'acknowledge', number: 2 }],
  ['2a', { verb: 'acknowledge', number: 2 }],
  ['02', { verb: 'acknowledge', number: 2 }],
  ['99', { verb: 'acknowledge', number: 99 }],
  ['2 \u{1F44D}', { verb: 'acknowledge', number: 2 }],
  ['all', { verb: 'acknowledge', all: true }],
  ['ACK ALL', { verb: 'acknowledge', all: true }],
  ['done', { verb: 'resolve' }],
  ['RESOLVE 2', { verb: 'resolve', number: 2 }],
  ['2 D', { verb: 'resolve', number: 2 }],
  ['r', { verb: 'rerun' }],
  ['RERUN 2', { verb: 'rerun', number: 2 }],
  ['2 R', { verb: 'rerun', number: 2 }],
  ['RERUN ALL', unknown],
  ...['STOP', 'sToP', 'STOPALL', 'UNSUBSCRIBE', 'CANCEL', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'stop.'].map(
    (word): [string, Command] => [word, { verb: 'stop' }],
  ),
  ['START', { verb: 'start', word: 'start' }],
  ['unstop', { verb: 'start', word: 'start' }],
  ['YES', { verb: 'start', word: 'yes' }],
  ['HELP', { verb: 'help' }],
  ['info', { verb: 'help' }],
  ['?', { verb: 'list', page: 1 }],
  ['??', { verb: 'list', page: 1 }],
  ['list', { verb: 'list', page: 1 }],
  ['LIST 2', { verb: 'list', page: 2 }],
  ['list two', unknown],
  ['z', { verb: 'snooze', durationMs: hour }],
  ['SNOOZE', { verb: 'snooze', durationMs: hour }],
  ['Z 30m', { verb: 'snooze', durationMs: hour / 2 }],
  ['z 2', { verb: 'snooze', number: 2, durationMs: hour, minutesMs: hour / 30 }],
  ['SNOOZE 2 1h', { verb: 'snooze', number: 2, durationMs: hour }],
  ['snooze 2 90 min', { verb: 'snooze', number: 2, durationMs: 1.5 * hour }],
  ['2 z 3 hours', { verb: 'snooze', number: 2, durationMs: 3 * hour }],
  ['2Z', { verb: 'snooze', number: 2, durationMs: hour }],
  ['Z 48h', { verb: 'snooze', durationMs: 24 * hour }],
  ['Z 0m', unknown],
  ['Z 2 3', unknown],
  ['snooze all', unknown],
  ['', unknown],
  ['   ', unknown],
  ['0', unknown],
  ['100', unknown],
  ['2 3', { verb: 'acknowledge', numbers: [2, 3] }],
  ['2 ALL', unknown],
  ['Stop please', unknown],
  ['ok stop', unknown],
  ['yes 2', { verb: 'acknowledge', number: 2 }],
  ['who is this?', unknown],
  ['ack?', unknown],
  ['ACK DONE', unknown],
  ['٢', { verb: 'acknowledge', number: 2 }],
];

describe('replies', () => {
  for (const [text, command] of cases) {
    test(`${JSON.stringify(text)} is ${JSON.stringify(command)}`, () => {
      assert.deepEqual(parseReply(text), command);
    });
  }

  test('any text parses to a command', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => typeof (parseReply(text)?.verb ?? '') === 'string'),
    );
  });

  test('an opt-out, opt-in or help word never acknowledges, whatever text is around it', () => {
    const words = [
      'STOP',
      'STOPALL',
      'UNSUBSCRIBE',
      'CANCEL',
      'END',
      'QUIT',
      'REVOKE',
      'OPTOUT',
      'START',
      'UNSTOP',
      'HELP',
    ];
    const around = fc.array(fc.constantFrom('ack', 'ok', 'a', '2', 'all', 'r', 'z', '1h', 'done', '!', '\u{1F44D}'), {
      maxLength: 2,
    });
    fc.assert(
      fc.property(around, fc.constantFrom(...words), around, (before, word, after) => {
        const command = parseReply([...before, word, ...after].join(' '));
        return command !== null && !['acknowledge', 'resolve', 'rerun', 'snooze'].includes(command.verb);
      }),
    );
  });

  test('keys: 1 acknowledges, 2 reruns, 3 resolves, and no other key is a command', () => {
    assert.deepEqual(parseKey('1'), { verb: 'acknowledge' });
    assert.deepEqual(parseKey('2'), { verb: 'rerun' });
    assert.deepEqual(parseKey('3'), { verb: 'resolve' });
    for (const key of ['', '0', '4', '#', '*', '11', '1 ', 'w']) assert.equal(parseKey(key), null);
  });
});
