/** What a message says when it is tried again, after something that it carried was answered. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { pagerMachine, type PagerEffect } from '../../../src/workflows/pager/machine.js';
import { createPager } from '../../helpers/pager.js';

type Ana = ReturnType<typeof createPager>;

/** Lets the machine do what is due, and gives the requests to Twilio. */
function sends(ana: Ana) {
  const effects: PagerEffect[] = pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
  return effects.flatMap((effect) =>
    effect.type === 'activity' && effect.call.activity === 'send' ? [effect.call.input] : [],
  );
}

/** A bundle of three whose first try has begun. */
function bundle(): Ana {
  const ana = createPager({ windowMs: minute });
  ana.page('first');
  ana.sends('whatsapp');
  for (const name of ['sales', 'hr', 'ops']) ana.page(name);
  ana.later(minute);
  return ana;
}

function fail(ana: Ana, type: string, code: string): void {
  const [out] = ana.pager.sending;
  assert.ok(out);
  ana.input({ type: 'failed', id: `send:${out.attempt}`, failure: { type, message: code, detail: { code } } });
}

describe('a message that is tried again', () => {
  for (const [outcome, type] of [
    ['after a certain refusal', 'outage'],
    ['after a look that found nothing', 'unknown'],
  ] as const)
    test(`${outcome} names nothing that was answered meanwhile`, () => {
      const ana = bundle();
      const [first] = sends(ana);
      assert.match(first?.text ?? '', /sales.*hr.*ops/s);
      fail(ana, type, '503');
      ana.withdraw('hr', 1, { how: 'acknowledged', by: 'lead' });
      ana.later(minute);
      if (type === 'unknown') {
        const [look] = sends(ana);
        assert.deepEqual(
          look?.retry?.tried.map(({ text }) => text),
          [first?.text],
        );
        fail(ana, 'rescheduled', 'not-found');
      }
      const [second] = sends(ana);
      assert.equal(second?.attempt, first?.attempt);
      assert.match(second?.text ?? '', /^3 failed refreshes open, 2 new\./);
      assert.doesNotMatch(second?.text ?? '', /hr/);
      assert.deepEqual(ana.pager.sent.at(-1)?.pages.length, 2);
    });

  test('looks for every text that was tried with an unknown outcome', () => {
    const ana = bundle();
    const [first] = sends(ana);
    fail(ana, 'unknown', 'timeout');
    ana.later(minute);
    sends(ana);
    fail(ana, 'rescheduled', 'not-found');
    ana.withdraw('hr', 1, { how: 'acknowledged', by: 'lead' });
    const [second] = sends(ana);
    fail(ana, 'unknown', 'timeout');
    ana.later(minute);
    const [look] = sends(ana);
    assert.deepEqual(
      look?.retry?.tried.map(({ text }) => text),
      [first?.text, second?.text],
    );
  });

  test('keeps the confirmation that it was joined to when its page is answered: it goes by itself', () => {
    const ana = createPager({ windowMs: 0 });
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    ana.incidentsAnswer('taken');
    ana.page('hr');
    const [joined] = sends(ana);
    assert.match(joined?.text ?? '', /^Taken: "sales"\.[^]*"hr"/);
    fail(ana, 'outage', '503');
    ana.withdraw('hr', 1, { how: 'recovered', by: null });
    const [alone] = sends(ana);
    assert.match(alone?.text ?? '', /^Taken: "sales"\./);
    assert.doesNotMatch(alone?.text ?? '', /hr/);
  });
});

describe('an outcome', () => {
  test('never takes a withdrawal back: a withdrawn page stays withdrawn', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    const [answer] = ana.pager.answers;
    assert.ok(answer);
    ana.withdraw('sales', 4);
    ana.outcomes({ [answer.answerId]: { result: 'taken', by: 'ana', upTo: 1 } });
    ana.page('sales', 3);
    assert.deepEqual(ana.waiting(), ['whatsapp text']);
  });

  test('covers no page that came after the answer', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    const [answer] = ana.pager.answers;
    assert.ok(answer);
    ana.page('sales', 2);
    ana.outcomes({ [answer.answerId]: { result: 'taken', by: 'ana', upTo: 1 } });
    assert.deepEqual(ana.waiting(), ['whatsapp page', 'whatsapp text']);
  });
});
