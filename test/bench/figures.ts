/** Measured values, compared with the floor and the aim. */
export interface Spread {
  n: number;
  min: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
  mean: number;
  /** In order of measurement. */
  all: number[];
}

/** Nearest rank: with fewer than 100 values p99 is the largest. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return {
    n: sorted.length,
    min: rank(0),
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    max: rank(1),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    all: values.map((value) => round(value)),
  };
}

export type Aim = { what: 'ratio' | 'value' } & ({ most: number } | { least: number });

export interface Row {
  measure: string;
  value: number | null;
  unit: string;
  floor?: number | null;
  aim?: Aim;
}

export interface PartResult {
  rows: Row[];
  /** All measured values, for the JSON. */
  raw: Record<string, unknown>;
}

/** Value divided by floor; null unless there are both. */
export const ratioOf = ({ value, floor }: Row): number | null =>
  value !== null && floor !== undefined && floor !== null && floor > 0 ? value / floor : null;

/** Null without an aim or a value. */
export function isMet(row: Row): boolean | null {
  const { aim } = row;
  const measured = aim?.what === 'ratio' ? ratioOf(row) : row.value;
  if (!aim || measured === null || Number.isNaN(measured)) return null;
  return 'most' in aim ? measured <= aim.most : measured >= aim.least;
}

const percentiles = ['p50', 'p95', 'p99'] as const;

/** Each percentile with that of the floor, and the most that it may be as a ratio to it. */
export const percentileRows = (
  measure: string,
  unit: string,
  values: Spread,
  floor: Spread,
  most: Partial<Record<(typeof percentiles)[number], number>> = {},
): Row[] =>
  percentiles.map((name) => {
    const { [name]: ratio } = most;
    return {
      measure: `${measure}, ${name}`,
      value: values[name],
      unit,
      floor: floor[name],
      ...(ratio === undefined ? {} : { aim: { what: 'ratio', most: ratio } }),
    };
  });

export const round = (value: number): number => Math.round(value * 100) / 100;
