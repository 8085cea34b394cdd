/**
 * Who has the incidents of the list. Their memo has `api` in place of a name that is no contact's key (docs/decisions, 40); the name is in the history,
 * which is read once for each answer, behind the page.
 */
import { isOver, type IncidentRow } from '../../workflows/view-contract.js';
import { namedIncident } from './view.js';
import type { TemporalGateway } from '../temporal-gateway.js';

type Takers = Pick<IncidentRow, 'acknowledgedBy' | 'snoozedBy'>;
export interface TakerNames {
  /** The rows with the names that are known by now; the others are read meanwhile. */
  named: (rows: readonly IncidentRow[]) => IncidentRow[];
  /** Settles when nothing is being read any more. */
  settled: () => Promise<void>;
}

const noName = 'api';
/** Of one page of the list: a script can take a thousand. */
const mostRead = 100;
const atOnce = 4;
const mostKept = 2_000;

const lacksName = (row: IncidentRow): boolean =>
  !isOver(row) && (row.acknowledgedBy === noName || row.snoozedBy === noName);
/** Another one for another answer. */
const keyOf = ({ id, episode, acknowledgedAt, snoozedUntil }: IncidentRow): string =>
  JSON.stringify([id, episode, acknowledgedAt, snoozedUntil]);

/** @param read of an incident, with names; it may fail */
export function createTakerNames(read: (id: string) => Promise<Takers>): TakerNames {
  const known = new Map<string, Takers>();
  const wanted = new Map<string, string>();
  const underWay = new Set<string>();
  let work: Promise<unknown> | null = null;

  function keep(key: string, { acknowledgedBy, snoozedBy }: Takers): void {
    known.set(key, { acknowledgedBy, snoozedBy });
    const [oldest] = known.keys();
    if (known.size > mostKept && oldest !== undefined) known.delete(oldest);
  }

  async function readWanted(): Promise<void> {
    for (let [next] = wanted; next !== undefined; [next] = wanted) {
      const [key, id] = next;
      wanted.delete(key);
      underWay.add(key);
      // What cannot be read now is wanted again when somebody looks.
      const takers = await read(id).catch(() => null);
      underWay.delete(key);
      if (takers !== null) keep(key, takers);
    }
  }

  return {
    named(rows) {
      for (const row of rows.filter(lacksName).slice(0, mostRead)) {
        const key = keyOf(row);
        if (!known.has(key) && !underWay.has(key)) wanted.set(key, row.id);
      }
      if (wanted.size > 0)
        work ??= Promise.all(Array.from({ length: atOnce }, readWanted)).finally(() => (work = null));
      return rows.map((row) => ({ ...row, ...(lacksName(row) && known.get(keyOf(row))) }));
    },
    settled: async () => void (await work),
  };
}

export const takerNamesIn = (temporal: TemporalGateway): TakerNames =>
  createTakerNames((id) => namedIncident(temporal, id));
