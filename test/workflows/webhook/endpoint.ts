/** The workflow of an endpoint without a server: its machine, driven by a clock of the test's own. */
import { change } from '../../outgoing/changes.js';
import { webhookMachine, type Input, type WebhookEffect } from '../../../src/workflows/webhook/machine.js';
import type { LogLine } from '../../../src/workflows/machine.js';
import { newEndpoint, restoreEndpoint, type Endpoint } from '../../../src/workflows/webhook/state.js';
import { detailsOf } from '../../../src/workflows/webhook/view.js';
import {
  changeId,
  type IncidentChange,
  type PostResult,
  type WebhookMemo,
} from '../../../src/workflows/webhook-contract.js';

/** Changes of one incident, numbered from `from`. */
export const changesOf = (count: number, from = 1, source = 'sales'): IncidentChange[] =>
  Array.from({ length: count }, (_, index) => change('failed-again', {}, from + index, source));

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

/** @param takesMs how long each post lasts */
export function createTestEndpoint(receiver: Receiver = takesAll, takesMs = 0) {
  let state: Endpoint = newEndpoint('team');
  let now = start;
  let answer = receiver;
  let memo: WebhookMemo = { alarms: [], dropped: 0 };
  let ended = false;
  /** The end of the post that is under way. */
  let ending: { at: number; end: () => void } | null = null;
  const posts: { at: number; ids: string[] }[] = [];
  const lines: LogLine[] = [];

  const env = () => ({ now, draining: false });
  const input = (one: Input) => webhookMachine.handle(state, one, env());

  function perform(effect: WebhookEffect): void {
    if (effect.type === 'end') ended = true;
    if (effect.type === 'memo') memo = effect.memo['webhook'] as WebhookMemo;
    if (effect.type === 'log') lines.push(effect.line);
    if (effect.type !== 'activity') return;
    const { id, call } = effect;
    const { changes } = call.input;
    posts.push({ at: now - start, ids: changes.map(changeId) });
    const end = (): void => {
      const result = answer(changes);
      input(
        result === 'failed'
          ? { type: 'failed', id, failure: { type: 'timeout', message: 'no worker', detail: undefined } }
          : { type: 'completed', id, result: { activity: 'postChanges', result } },
      );
    };
    if (takesMs === 0) end();
    else ending = { at: now + takesMs, end };
  }

  /** The post that is under way comes to its end by now. */
  function endPost(): void {
    if (ending === null || ending.at > now) return;
    const { end } = ending;
    ending = null;
    end();
  }

  function run(): void {
    for (let turns = 0; turns < 500; turns += 1) {
      const effects = webhookMachine.advance(state, env());
      effects.forEach(perform);
      if (ended || ending !== null || !effects.some(({ type }) => type === 'activity')) return;
    }
    throw new Error('the machine of an endpoint does not stop');
  }

  return {
    posts,
    /** The ids of all posts, each as often as it was tried. */
    ids: () => posts.flatMap(({ ids }) => ids),
    /** The alarms of lines of the log. */
    alarms: () => lines.flatMap(({ about: { alarm } }) => (typeof alarm === 'string' ? [alarm] : [])),
    /** Lines of the log. */
    lines,
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
    /** The file names another address, or the endpoint no more (null). */
    hasVersion(version: string | null) {
      input({ type: 'settings', version });
      run();
    },
    isCancelled() {
      input({ type: 'cancel-requested' });
      run();
    },
    sizeBytes: () => Buffer.byteLength(JSON.stringify(state)),
    hasInFlight: () => webhookMachine.hasInFlight(state),
    continuesAsNew() {
      state = restoreEndpoint('team', JSON.parse(JSON.stringify(state)) as Partial<Endpoint>);
      run();
    },
    /** Moves time on, stopping whenever the machine wants to wake up. */
    later(ms: number) {
      const until = now + ms;
      for (;;) {
        const wake = webhookMachine.wakeAt(state, env());
        const at = Math.min(wake?.at ?? Infinity, ending?.at ?? Infinity);
        if (at > until || ended) break;
        now = Math.max(now, at);
        endPost();
        run();
      }
      now = until;
    },
  };
}
