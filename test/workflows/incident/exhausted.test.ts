import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day, hour, minute } from '../../../src/workflows/contract.js';
import { createIncident, policy } from '../../helpers/incident.js';

const textsAlone = { ...policy, steps: policy.steps.slice(0, 2) };

describe('an escalation in which every recipient refuses', () => {
  test('is not repeated: the incident is unacknowledged, and the alarm names contact, channel and code', () => {
    const sales = createIncident(textsAlone);
    sales.pagersAre('silent');
    sales.fails();
    const codes: Record<string, string> = { whatsapp: '63024', sms: '21610' };
    for (let page = 0; page < 4; page += 1) {
      assert.equal(sales.pages().length, page + 1);
      const [channel = ''] = sales.pages()[page]?.split(' ') ?? [];
      sales.reports.failed(sales.pageIds()[page] ?? '', codes[channel] ?? '');
    }
    assert.equal(sales.incident.state, 'unacknowledged');
    assert.deepEqual(sales.alarmLines, [{ alarm: 'unacknowledged', refused: ['ana whatsapp 63024', 'ana sms 21610'] }]);
    assert.equal(sales.incident.timeline.at(-1)?.text, 'Nobody could be reached: ana whatsapp 63024, ana sms 21610');
    sales.later(day);
    assert.equal(sales.pages().length, 4);
  });

  test('begins again with the next failure, at most hourly', () => {
    const sales = createIncident({ ...textsAlone, repeat: 0 });
    sales.pagersAre('silent');
    sales.fails();
    sales.reports.failed(sales.pageIds()[0] ?? '', '21211');
    sales.reports.failed(sales.pageIds()[1] ?? '', '21211');
    sales.later(minute);
    sales.fails();
    assert.equal(sales.pages().length, 2);
    sales.later(hour);
    assert.equal(sales.pages().length, 3);
  });

  test('starts again when one of its pages fell to an outage', () => {
    const sales = createIncident({ ...textsAlone, repeat: 0 });
    sales.pagersAre('silent');
    sales.fails();
    sales.reports.failed(sales.pageIds()[0] ?? '', '63024');
    sales.reports.failed(sales.pageIds()[1] ?? '', '503', true);
    assert.equal(sales.incident.state, 'triggered');
    sales.later(minute);
    assert.equal(sales.pages().length, 3);
    assert.deepEqual(sales.alarmLines, []);
  });
});
