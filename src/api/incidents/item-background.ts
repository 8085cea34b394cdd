/**
 * What only Tableau knows of an item, read by a worker when somebody looks and kept for some minutes. No page waits for it longer than a moment, and
 * where no worker or no Tableau is there, it is not known.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { BackgroundInput, ItemBackground } from '../../workflows/background-contract.js';
import { minute, second, type Item } from '../../workflows/contract.js';
import type { TemporalGateway } from '../temporal-gateway.js';
import { createReadByWorker } from '../worker-reads.js';

const Background = Type.Object({
  owner: Type.Union([Type.String(), Type.Null()]),
  dependants: Type.Union([Type.Array(Type.String()), Type.Null()]),
  runs: Type.Union([
    Type.Array(
      Type.Object({
        endedAt: Type.Number(),
        ms: Type.Union([Type.Number(), Type.Null()]),
        result: Type.Enum(['ok', 'failed', 'cancelled']),
      }),
    ),
    Type.Null(),
  ]),
});

/** `undefined`: it is being read; null: it is not known. */
export type Known = ItemBackground | null | undefined;

export interface Backgrounds {
  /** What is known, after `waitMs` at most; it begins to read what is not known or old. */
  read: (input: BackgroundInput, waitMs: number) => Promise<Known>;
  /** What is known, without reading anything. */
  peek: (item: Item) => Known;
}

interface Entry {
  value: Known;
  work: Promise<void>;
  readAt: number;
  since: number;
}

const goodForMs = 5 * minute;
/** Nobody answered. */
const failureForMs = 30 * second;
const mostItems = 500;
const timeoutMs = 2 * second;

export function createBackgrounds({
  temporal,
  clock,
}: {
  temporal: TemporalGateway;
  clock: () => number;
}): Backgrounds {
  const entries = new Map<string, Entry>();
  const readByWorker = createReadByWorker(temporal, clock);

  async function request({ item, since }: BackgroundInput): Promise<ItemBackground | null> {
    const id = `background:${item.luid}`;
    const found = await readByWorker({ activity: 'readBackground', id, args: [{ item, since }], timeoutMs });
    return Value.Check(Background, found) ? found : null;
  }

  const isGood = ({ value, readAt }: Entry): boolean =>
    value === undefined || clock() - readAt < (value === null ? failureForMs : goodForMs);

  function begin(input: BackgroundInput): Entry {
    const { item, since } = input;
    const entry: Entry = { value: undefined, readAt: clock(), since, work: Promise.resolve() };
    entry.work = request(input).then((value) => {
      entry.value = value;
      entry.readAt = clock();
    });
    entries.delete(item.luid);
    entries.set(item.luid, entry);
    const [oldest] = entries.keys();
    if (entries.size > mostItems && oldest !== undefined) entries.delete(oldest);
    return entry;
  }

  return {
    async read(input, waitMs) {
      const known = entries.get(input.item.luid);
      const entry = known && known.since >= input.since && isGood(known) ? known : begin(input);
      if (entry.value === undefined) await Promise.race([entry.work, delay(waitMs)]);
      return entry.value;
    },
    peek: ({ luid }) => entries.get(luid)?.value,
  };
}

const delay = (ms: number): Promise<void> => new Promise((settle) => setTimeout(settle, ms).unref());
