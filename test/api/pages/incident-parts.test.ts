import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holder, timeline } from '../../../src/api/pages/incident-parts.js';
import { runsText } from '../../../src/api/pages/refreshes.js';
import { beginningRow } from '../../../src/temporal/incident-row.js';

const clock = { now: Date.parse('2026-11-30T12:00:00Z'), zone: 'Europe/Berlin' };
const at = '2026-11-30T10:00:00.000Z';
const textsOf = (...texts: string[]) =>
  timeline({ timeline: texts.map((text) => ({ at, type: 'x', text })) }, clock).text;

test('who is no contact is named in plain words, and times in texts are on the clock of the reader', () => {
  const shown = textsOf('Acknowledged by api', 'api runs it again', 'refresh failed at 2026-11-30T10:00:00.000Z');
  assert.match(shown, /<bdi>Acknowledged by somebody who is no contact</);
  assert.match(shown, /<bdi>Somebody who is no contact runs it again</);
  assert.match(shown, /<bdi>refresh failed at 11:00</);
  assert.match(textsOf('api-team runs it again'), /<bdi>api-team runs it again</);
  const item = { kind: 'workbook', luid: 'w', name: 'Sales', site: '-' } as const;
  const row = beginningRow({ id: 'refresh:-:w', item, event: 'WorkbookRefreshFailed', at: 0, policy: 'default' });
  const taken = { ...row, state: 'acknowledged', acknowledgedBy: 'api', acknowledgedAt: at } as const;
  assert.match(holder(taken, clock)?.text ?? '', /^<bdi>somebody who is no contact<\/bdi> since <time[^>]*>11:00</);
});

test('one refresh alone is no share', () => {
  assert.equal(
    runsText([{ endedAt: 0, ms: null, result: 'failed' }], false),
    'The only one that Tableau tells of failed.',
  );
});
