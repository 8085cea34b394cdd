/** The labels of data sources in Tableau, as the activity `setLabel` sets them: late, in vain, or without a result; and what people do to them. */
import { minute, second } from '../../src/workflows/contract.js';
import type { LabelInput, LabelResult } from '../../src/workflows/label-contract.js';
import type { Clock } from './clock.js';
import type { Faults } from './night.js';
import type { Random } from './random.js';

interface Options {
  clock: Clock;
  random: Random;
  faults: () => Faults;
  violations: string[];
  trace: (text: () => string) => void;
}

export interface SimulatedLabels {
  /** @param end is called once; null: no worker gave a result */
  set: (input: LabelInput, end: (result: LabelResult | null) => void) => void;
  /** Everything is over: no label of ours may be left. */
  judgeEnd: () => void;
}

/** The worker of an activity that died is noticed after this time. */
const startToCloseMs = 20 * second;

export function createLabels({ clock, random, faults, violations, trace }: Options): SimulatedLabels {
  /** By luid: the text of our label, and whether somebody else has one there. */
  const shown = new Map<string, { ours: string | null; isTaken: boolean }>();
  const running = new Set<string>();

  function settle({ item, text, labelId }: LabelInput): LabelResult {
    const label = shown.get(item.luid) ?? { ours: null, isTaken: false };
    shown.set(item.luid, label);
    intervene(label);
    if (text === null) {
      label.ours = null;
      return { did: 'removed' };
    }
    if (label.ours !== null) {
      label.ours = text;
      return { did: 'set', labelId: 'label' };
    }
    if (label.isTaken) return { did: 'left', because: 'not-ours' };
    if (labelId !== null) return { did: 'left', because: 'taken-away' };
    if (random.chance(0.05)) return { did: 'refused', why: 'No licence.' };
    label.ours = text;
    return { did: 'set', labelId: 'label' };
  }

  /** Somebody removes a label, ours or another, or sets one. */
  function intervene(label: { ours: string | null; isTaken: boolean }): void {
    if (random.chance(0.05)) label.ours = null;
    if (label.ours === null && random.chance(0.1)) label.isTaken = !label.isTaken;
  }

  return {
    set(input, end) {
      const { luid } = input.item;
      if (running.has(luid)) violations.push(`two labels of ${luid} are set at once`);
      running.add(luid);
      const finish = (afterMs: number, result: LabelResult | null): void =>
        clock.after(afterMs, () => {
          running.delete(luid);
          trace(() => `label of ${luid}: ${input.text ?? 'none'}: ${JSON.stringify(result)}`);
          end(result);
        });
      const { tableauFails, repeat, lag } = faults();
      const dies = random.chance(repeat);
      if (dies && random.chance(0.5)) finish(startToCloseMs, null);
      else if (random.chance(tableauFails))
        finish(random.between(20, 12_000), {
          did: 'later',
          why: 'HTTP 503',
          ...(random.chance(0.3) && { afterMs: minute }),
        });
      else
        clock.after(random.chance(lag) ? random.between(0, 9_000) : random.between(20, 900), () => {
          const result = settle(input);
          finish(dies ? startToCloseMs : 5, dies ? null : result);
        });
    },
    judgeEnd() {
      for (const [luid, { ours }] of shown) if (ours !== null) violations.push(`${luid} still has its label: ${ours}`);
    },
  };
}
