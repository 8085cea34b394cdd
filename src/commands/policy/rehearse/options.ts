import { parseArgs } from 'node:util';
import { parseDuration } from '../../../policy/duration.js';
import { channels, day, hour } from '../../../workflows/contract.js';
import type { Prices } from './count.js';

export const usage = `Usage: tableau-webhooks policy rehearse FILE [options]

What really happened in the last weeks, and what would have happened under an escalation file: messages, calls, wakings, cost and time to
answer, for each person and in all. Reads the histories of incidents from Temporal (TEMPORAL_*), without a worker. FILE is only
read; calendars of its schedules (ical) are read once.

  --since <time>           how far back, from 1h to 90d (30d)
  --price-whatsapp <price> of one message, for an estimate of the cost, in place
  --price-sms <price>      of the price in the file (prices)
  --price-call <price>
  --json                   one JSON value instead of text, with the episodes that change

Exits with 0, 1 when the file has problems, Temporal does not answer or no history can be read, 2 for wrong
arguments.
`;

export interface Options {
  file: string;
  sinceMs: number;
  /** In place of those in the file. */
  prices: Prices;
  isJson: boolean;
}

/** A text says what is wrong. */
export function optionsFrom(args: string[]): Options | string {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        since: text,
        'price-whatsapp': text,
        'price-sms': text,
        'price-call': text,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
    if (values.help) return 'help';
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return 'policy rehearse takes one file.';
    const sinceMs = parseDuration(values.since ?? '30d');
    if (sinceMs === null || sinceMs < hour || sinceMs > 90 * day)
      return '--since must be a time from 1h to 90d, such as 30d.';
    const prices: Prices = {};
    for (const channel of channels) {
      const price = values[`price-${channel}`];
      if (price === undefined) continue;
      if (!/^\d{1,4}(\.\d{1,6})?$/.test(price))
        return `--price-${channel} must be the price of one in figures, such as 0.05.`;
      prices[channel] = Number(price);
    }
    return { file, sinceMs, prices, isJson: values.json };
  } catch (error) {
    return `policy rehearse: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}
