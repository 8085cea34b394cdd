/**
 * Connection overrides: settings in the fragment of a webhook address, which is neither sent nor signed.
 * https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
 */
export type Failure = 'ct' | 'rt' | '4xx' | '5xx' | 'reset';

export interface Overrides {
  /** Without the fragment. */
  url: string;
  /** Until connected, until the answer, and for all tries together. */
  connectTimeoutMs: number;
  readTimeoutMs: number;
  totalTimeoutMs: number;
  retries: number;
  retriesOn: (failure: Failure) => boolean;
}

const within = (value: string | null, least: number, most: number, otherwise: number): number => {
  const number = Number(value ?? Number.NaN);
  return Number.isInteger(number) ? Math.min(most, Math.max(least, number)) : otherwise;
};

export const readOverrides = (address: string): Overrides => {
  const hash = address.indexOf('#');
  const url = hash === -1 ? address : address.slice(0, hash);
  const fragment = new URLSearchParams(hash === -1 ? '' : address.slice(hash + 1));
  const policy = (fragment.get('rp') ?? 'ct').split(',').map((word) => word.trim());
  return {
    url,
    connectTimeoutMs: within(fragment.get('ct'), 100, 10_000, 5_000),
    readTimeoutMs: within(fragment.get('rt'), 100, 15_000, 15_000),
    totalTimeoutMs: within(fragment.get('tt'), 100, 15_000, 15_000),
    retries: within(fragment.get('rc'), 0, 5, 1),
    retriesOn: (failure) => policy.includes('all') || policy.includes(failure),
  };
};
