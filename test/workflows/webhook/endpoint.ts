/** The workflow of an endpoint without a server: its machine, driven by a clock of the test's own. */
import { webhookMachine, type Input, type WebhookEffect } from '../../../src/workflows/webhook/machine.js';
import { newEndpoint, restoreEndpoint, type Endpoint } from '../../../src/workflows/webhook/state.js';
import { detailsOf } from '../../../src/workflows/webhook/view.js';
import {
  changeId,
  type IncidentChange,
  type PostResult,
  type WebhookMemo,
} from '../../../src/workflows/webhook-contract.js';

export const start = Date.parse('2026-03-01T03:00:00Z');

/** A receiver gives the result of each post; null: no worker gave one, and `later` does not go on. */
export type Receiver = (changes: readonly IncidentChange[]) => PostResult | 'failed';
export const takesAll: Receiver = (changes) => ({ posted: changes.map(changeId), pauseMs: 0 });
export const unavailable =
  (afterMs?: number): Receiver =>
  () => ({
    posted: [],
    failed: { how: 'unavailable', why: 'answered 500', ...(afterMs !== undefined && { afterMs }) },
    pauseMs: 0,
  });

export function createTestEndpoint(receiver: Receiver = takesAll) {
  let state: Endpoint = newEndpoint('team');
  let now = start;
  let answer = receiver;
  let memo: WebhookMemo = { alarms: [], dropped: 0 };
  let ended = false;
  const posts: { at: number; ids: string[] }[] = [];
  const alarms: string[] = [];

  const env = () => ({ now, draining: false });
  const input = (one: Input) => webhookMachine.handle(state, one, env());

  function perform(effect: WebhookEffect): void {
    if (effect.type === 'end') ended = true;
    if (effect.type === 'memo') memo = effect.memo['webhook'] as WebhookMemo;
    if (effect.type === 'log' && typeof effect.line.about['alarm'] === 'string')
      alarms.push(effect.line.about['alarm']);
    if (effect.type !== 'activity') return;
    const { changes } = effect.call.input;
    posts.push({ at: now - start, ids: changes.map(changeId) });
    const result = answer(changes);
    input(
      result === 'failed'
        ? { type: 'failed', id: effect.id, failure: { type: 'timeout', message: 'no worker', detail: undefined } }
        : { type: 'completed', id: effect.id, result: { activity: 'postChanges', result } },
    );
  }

  function run(): void {
    for (let turns = 0; turns < 500; turns += 1) {
      const effects = webhookMachine.advance(state, env());
      effects.forEach(perform);
      if (ended || !effects.some(({ type }) => type === 'activity')) return;
    }
    throw new Error('the machine of an endpoint does not stop');
  }

  return {
    posts,
    /** The ids of all posts, each as often as it was tried. */
    ids: () => posts.flatMap(({ ids }) => ids),
    /** Lines of the log with an alarm. */
    alarms,
    memo: () => memo,
    waiting: () => state.waiting.length,
    details: () => detailsOf(state),
    ended: () => ended,
    answers(next: Receiver) {
      answer = next;
    },
    gets(changes: readonly IncidentChange[], version = '1') {
      input({ type: 'changes', signal: { version, changes: [...changes] } });
      run();
    },
    hasVersion(version: string) {
      input({ type: 'settings', version });
      run();
    },
    isCancelled() {
      input({ type: 'cancel-requested' });
      run();
    },
    continuesAsNew() {
      state = restoreEndpoint('team', JSON.parse(JSON.stringify(state)) as Partial<Endpoint>);
      run();
    },
    /** Moves time on, stopping whenever the machine wants to wake up. */
    later(ms: number) {
      const until = now + ms;
      for (;;) {
        const wake = webhookMachine.wakeAt(state, env());
        if (wake === null || wake.at > until) break;
        now = Math.max(now, wake.at);
        run();
      }
      now = until;
    },
  };
}
