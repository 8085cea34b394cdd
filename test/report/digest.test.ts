import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RecordedEpisode } from '../../src/history/recorded.js';
import type { RecordedMessage } from '../../src/history/recorded-message.js';
import { readEscalation } from '../../src/policy/load.js';
import { digestOf } from '../../src/report/digest.js';
import { periodsAt } from '../../src/report/periods.js';
import { reportText } from '../../src/report/report-text.js';
import { reportOf } from '../../src/report/report.js';
import { day, hour } from '../../src/workflows/contract.js';
import { fitsIn } from '../../src/workflows/words.js';
import { aMessage, allRead, anEpisode, asEpisodes, asMessages, now } from './recorded.js';

const escalation = readEscalation(
  'e.yaml',
  'contacts: { ana: { phone: "+15550000001" } }\npolicies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }\n',
);
const reported = (episodes: RecordedEpisode[], messages: RecordedMessage[] = [], more: object = {}) =>
  reportOf(
    { escalation, incidents: asEpisodes(episodes), pagers: asMessages(messages), keptMs: 90 * day, ...more },
    periodsAt(now, 7 * day, 'UTC'),
    'UTC',
  );

test('a digest fits its channel, whatever the names are', () => {
  const recorded = fc.tuple(fc.array(anEpisode, { maxLength: 40 }), fc.array(aMessage, { maxLength: 40 }));
  fc.assert(
    fc.property(recorded, fc.string({ unit: 'grapheme', maxLength: 200 }), ([episodes, messages], name) => {
      const renamed = episodes.map((one) => ({ ...one, item: { ...one.item, name }, project: name }));
      for (const channel of ['sms', 'whatsapp'] as const) {
        const text = digestOf(reported(renamed, messages), '7d', channel);
        assert.ok(fitsIn(text, channel), text);
        assert.match(text, /^Last night: /);
      }
    }),
  );
});

describe('a digest', () => {
  const failed = { ...allRead, failed: 1 };
  const open = fc.sample(anEpisode, 1).map((one) => ({ ...one, at: now - 4 * hour, answers: [], end: null }));

  test('says of a night without failures that nothing failed', () => {
    assert.equal(
      digestOf(reported([]), '7d', 'sms'),
      'Last night: nothing failed, nobody was woken. 7d: 0 failures (before: 0), 0 wakings (before: 0).',
    );
  });

  test('says of a night that was not read, or is not kept, that it is not known', () => {
    const unread = digestOf(reported([], [], { incidents: asEpisodes([], failed) }), '7d', 'sms');
    assert.match(unread, /^Last night: not known, for not all could be read\.$/);
    const gone = digestOf(reported([], [], { keptMs: 2 * hour }), '7d', 'sms');
    assert.match(gone, /^Last night: not known, for Temporal has not kept all of it\. 7d \(Temporal keeps 2 h\): /);
  });

  test('says of one that was read in part that there may be more', () => {
    const text = digestOf(reported([], [], { incidents: asEpisodes(open, failed) }), '7d', 'whatsapp');
    assert.match(text, /^Last night: 1 failure, .* Still open: 1\. Not all could be read\. 7d: 1 failure, /);
  });
});

test('the report as text has a dash where a night is not known', () => {
  const text = reportText(reported([], [], { keptMs: 2 * hour }), (sentence) => sentence);
  assert.match(text, /UTC; what happened in the last night is not known\.$/m);
  assert.match(text, /^failures +- +0 +-$/m);
  const unread = reported([], [], { pagers: asMessages([], { ...allRead, failed: 2 }) });
  assert.match(
    reportText(unread, (sentence) => sentence),
    /^failures +- +- +-$/m,
  );
  assert.match(
    reportText(unread, (sentence) => sentence),
    /^2 histories could not be read/m,
  );
});
