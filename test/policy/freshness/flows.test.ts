/** The watch of flow runs in the escalation file: what is read, refused and warned of. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { watchedText } from '../../../src/policy/freshness/memory.js';
import { examine } from '../../../src/policy/load.js';
import { warningsIn } from '../../../src/policy/warnings/warnings.js';
import { minute } from '../../../src/workflows/contract.js';

const file = (flows: string, events = 'FlowRunFailed'): string => `contacts: { ana: { phone: "+15550000001" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
routes: [{ events: [${events}], policy: default }]
${flows}
`;
const read = (text: string) => examine('e.yaml', text);
const problemsOf = (flows: string): string[] => read(file(flows)).problems.map(({ text }) => text);

describe('flows in the escalation file', () => {
  for (const [flows, everyMs] of [
    ['flows: true', 5 * minute],
    ['flows: {}', 5 * minute],
    ['flows: { every: 1m }', minute],
    ['flows: { every: 1h }', 60 * minute],
  ] as const)
    test(`${flows} is every ${everyMs / minute} min`, () => {
      assert.deepEqual(read(file(flows)).escalation?.flows, { everyMs });
    });

  test('are off by default', () => {
    const { escalation } = read(file(''));
    assert.ok(escalation);
    assert.equal(escalation.flows, undefined);
    assert.equal(watchedText(escalation), '');
  });

  for (const every of ['59s', '61m', '2d', '5'])
    test(`every ${every} is refused`, () => {
      const text = 'flows.every must be a duration from 1m to 1h, such as 90s, 5m or 1h.';
      assert.deepEqual(problemsOf(`flows: { every: '${every}' }`), [text]);
    });

  test('are true or a map, and have no other key', () => {
    assert.deepEqual(problemsOf('flows: 5m'), ['flows must be true, or a map of every.']);
    assert.deepEqual(problemsOf('flows: false'), ['flows must be true, or a map of every.']);
    assert.deepEqual(problemsOf('flows: { evry: 5m }'), ['unknown key "evry" in flows; did you mean "every"?']);
  });

  test('are part of what is watched, with how often', () => {
    const texts = ['', 'flows: true', 'flows: { every: 1m }'].map((flows) => {
      const { escalation } = read(file(flows));
      assert.ok(escalation);
      return watchedText(escalation);
    });
    assert.equal(new Set(texts).size, 3);
  });

  test('without a route that pages for them are warned of', () => {
    const warnings = (events: string): string[] => {
      const text = file('flows: true', events);
      const { source, escalation } = read(text);
      return warningsIn(source.value, escalation, 0).map((warning) => warning.text);
    };
    assert.deepEqual(warnings('FlowRunFailed'), []);
    assert.deepEqual(warnings('"*Failed"'), []);
    assert.deepEqual(warnings('"*RefreshFailed"'), [
      'runs of flows are watched, and no route pages for "FlowRunFailed": nobody is paged for them.',
    ]);
  });
});
