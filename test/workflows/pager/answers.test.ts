/** The contact's answers on their way to the incidents. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answersDueAt, beginAnswers, noteAnswering } from '../../../src/workflows/pager/answers.js';
import { dropItems } from '../../../src/workflows/pager/items.js';
import { pagerMachine } from '../../../src/workflows/pager/machine.js';
import type { Answering } from '../../../src/workflows/pager-contract.js';
import { createPager } from '../../helpers/pager.js';

describe('answers on their way to the incidents', () => {
  const taken = { result: 'taken', by: 'ana' } as const;

  test('are all in the memo while some wait for their turn, until the last outcome is there', () => {
    const ana = createPager({ windowMs: 0 });
    for (let n = 0; n < 450; n += 1) ana.page(`item-${n}`);
    ana.sends('whatsapp');
    ana.dropReports();
    const counts: number[] = [];
    let activities = 0;
    const turn = (): void => {
      const effects = pagerMachine.advance(ana.pager, { now: ana.now(), draining: false });
      for (const effect of effects) {
        if (effect.type === 'memo' && 'pager' in effect.memo) {
          const { answering = {} } = effect.memo['pager'] as { answering?: Answering };
          counts.push(Object.values(answering).flat().length);
        }
        if (effect.type !== 'activity' || effect.call.activity !== 'answerIncidents') continue;
        activities += 1;
        const outcomes = Object.fromEntries(effect.call.input.answers.map(({ answer }) => [answer.answerId, taken]));
        const result = { activity: 'answerIncidents', result: { outcomes, failed: {} } } as const;
        ana.input({ type: 'completed', id: effect.id, result });
      }
    };
    turn();
    ana.replies('ALL');
    for (let n = 0; n < 5; n += 1) turn();
    assert.equal(activities, 3);
    // One memo when they begin to wait, one when the last has its outcome.
    assert.deepEqual(counts, [450, 0]);
    assert.match(ana.replyText() ?? '', /^450 taken/);
  });

  test('are in the memo beside what is asked again, and leave it when they are there', () => {
    const ana = createPager({ windowMs: 0 });
    for (const name of ['stuck', 'sales', 'hr']) ana.page(name);
    ana.sends('whatsapp');
    const memo = (): string[] => {
      noteAnswering(ana.pager);
      return ana.pager.answering;
    };
    ana.replies('1');
    assert.deepEqual(memo(), ['incident:stuck']);
    const [stuck] = ana.pager.answers.map(({ answerId }) => answerId);
    assert.ok(stuck);
    ana.outcomes({}, { [stuck]: 'deadline exceeded' });
    ana.replies('2');
    const [begun] = beginAnswers(ana.pager, ana.now());
    assert.deepEqual(memo(), ['incident:stuck', 'incident:sales']);
    // The outcome and the next reply come in one workflow task.
    const [sales] = ana.pager.answersInFlight?.answers.map(({ answerId }) => answerId) ?? [];
    assert.ok(begun && sales);
    const result = { activity: 'answerIncidents', result: { outcomes: { [sales]: taken }, failed: {} } } as const;
    ana.input({ type: 'completed', id: begun.id, result });
    ana.replies('3');
    beginAnswers(ana.pager, ana.now());
    assert.ok(memo().includes('incident:hr'));
    const [hr] = ana.pager.answersInFlight?.answers.map(({ answerId }) => answerId) ?? [];
    assert.ok(hr);
    const next = { activity: 'answerIncidents', result: { outcomes: { [hr]: taken }, failed: {} } } as const;
    ana.input({ type: 'completed', id: ana.pager.answersInFlight?.id ?? '', result: next });
    assert.deepEqual(memo(), ['incident:stuck']);
  });

  test('that were not tried yet go before those that are asked again', () => {
    const ana = createPager({ windowMs: 0 });
    for (let n = 0; n < 201; n += 1) ana.page(`item-${n}`);
    ana.sends('whatsapp');
    ana.replies('ALL');
    const all = ana.pager.answers.map(({ answerId }) => answerId);
    ana.outcomes({}, Object.fromEntries(all.slice(0, 200).map((id) => [id, 'deadline exceeded'])));
    ana.later(2_000);
    const [begun] = beginAnswers(ana.pager, ana.now());
    assert.equal(begun?.call.input.answers[0]?.answer.answerId, all.at(-1));
  });

  test('wait longer each time when their incident does not take them, and the others do not wait for them', () => {
    const ana = createPager({ windowMs: 0 });
    ana.page('sales');
    ana.page('hr');
    ana.sends('whatsapp');
    ana.replies('ALL');
    const [sales, hr] = ana.pager.answers.map(({ answerId }) => answerId);
    assert.ok(sales && hr);
    ana.outcomes({ [hr]: taken }, { [sales]: 'deadline exceeded' });
    assert.deepEqual(
      ana.pager.answers.map(({ answerId }) => answerId),
      [sales],
    );
    assert.deepEqual(answersDueAt(ana.pager), {
      at: ana.now() + 2_000,
      why: 'Wait before answers go to their incidents again',
    });
    assert.deepEqual(beginAnswers(ana.pager, ana.now() + 1_999), []);
    ana.later(2_000);
    ana.outcomes({}, { [sales]: 'deadline exceeded' });
    assert.equal(answersDueAt(ana.pager)?.at, ana.now() + 4_000);
    for (let tries = 0; tries < 9; tries += 1) {
      ana.later(60_000);
      ana.outcomes({}, { [sales]: 'deadline exceeded' });
    }
    assert.equal(answersDueAt(ana.pager)?.at, ana.now() + 60_000);
    assert.equal(ana.replyText(), null);
    ana.later(60_000);
    ana.outcomes({ [sales]: taken });
    assert.match(ana.replyText() ?? '', /^2 taken/);
  });

  test('are asked for again at once when the activity had no time for them', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    ana.outcomes({});
    assert.equal(answersDueAt(ana.pager)?.at, 0);
    ana.incidentsAnswer('taken');
    assert.match(ana.replyText() ?? '', /^Taken: "sales"/);
  });

  test('of one incident go one after the other, in order', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    ana.replies('DONE 1');
    const [first, second] = ana.pager.answers.map(({ answerId }) => answerId);
    assert.ok(first && second);
    ana.outcomes({}, { [first]: 'deadline exceeded' });
    assert.deepEqual(beginAnswers(ana.pager, ana.now()), [], 'the second waits behind the first');
    ana.later(2_000);
    ana.outcomes({ [first]: taken });
    ana.outcomes({ [second]: { result: 'resolved', by: 'ana' } });
    assert.deepEqual(ana.pager.answers, []);
  });

  test('have their outcome told before the notice of what follows from them, which may arrive earlier', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('R');
    const [answer] = ana.pager.answers;
    assert.ok(answer);
    ana.notice('sales', 'not-rerun', 'Data sources have no refresh.');
    ana.notices();
    assert.deepEqual(ana.waiting(), []);
    ana.outcomes({ [answer.answerId]: taken });
    ana.notices();
    assert.match(ana.sends('whatsapp'), /^Taken: "sales"/);
    ana.later(1_000);
    assert.match(ana.sends('whatsapp'), /have no refresh/);
  });

  test('for what was over and forgotten meanwhile are told to be too late', () => {
    const ana = createPager();
    ana.page('sales');
    ana.page('hr');
    ana.sends('whatsapp');
    ana.replies('ALL');
    ana.withdraw('sales', 1, { how: 'recovered', by: null });
    dropItems(ana.pager, new Set(ana.pager.items.filter(({ incident }) => incident === 'sales')));
    ana.incidentsAnswer('taken');
    assert.match(ana.replyText() ?? '', /^Taken: "hr"/);
    assert.deepEqual(
      ana.pager.replies.map(({ waiting }) => waiting),
      [[]],
    );
  });

  test('have no receiver where the incident does not run any more', () => {
    const ana = createPager();
    ana.page('sales');
    ana.sends('whatsapp');
    ana.replies('ACK');
    const [answer] = ana.pager.answers;
    assert.ok(answer);
    ana.outcomes({ [answer.answerId]: null });
    assert.match(ana.replyText() ?? '', /over/i);
  });
});
