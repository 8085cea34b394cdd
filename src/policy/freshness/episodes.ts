/** What was reported as late, and when its data came: one entry for each page that was sent, or that would have been. Pure. */
import { Type, type Static } from 'typebox';
import { lateStates } from '../../workflows/freshness-contract.js';
import { day } from '../../workflows/contract.js';

/** Times in milliseconds since the epoch. */
export const Episode = Type.Object({
  luid: Type.String(),
  name: Type.String(),
  /** The promise as people read it: its items, and what is due. */
  promise: Type.String(),
  /** Its deadline was learnt. */
  learned: Type.Optional(Type.Literal(true)),
  deadline: Type.Number(),
  nextDeadline: Type.Optional(Type.Number()),
  state: Type.Enum(lateStates),
  /** Nobody was paged. */
  shadow: Type.Optional(Type.Literal(true)),
  /** The time of the data that ended it. */
  freshAt: Type.Optional(Type.Number()),
  /** Nothing is promised of the item any more, or Tableau does not have it. */
  withdrawn: Type.Optional(Type.Literal(true)),
});
export type Episode = Static<typeof Episode>;

const mostEpisodes = 2_000;
const keptMs = 35 * day;

/** Of a look: what is late, and what becomes of what was. */
export interface Now {
  /** What is reported as late. */
  late: readonly Episode[];
  /** Whether an item is late, whatever it is reported under. */
  isLate: (luid: string) => boolean;
  /** The time of an item's data; undefined where nothing is promised of it, or it has none. */
  dataAt: (episode: Episode) => number | undefined;
  now: number;
}

/** The episodes of the last 35 days, oldest first, at most the last 2,000. An item that misses another deadline has another episode. */
export function withLook(before: readonly Episode[], { late, isLate, dataAt, now }: Now): Episode[] {
  const known = new Map(before.map((episode) => [keyOf(episode), episode]));
  for (const episode of late) {
    const { state, shadow } = episode;
    const old = known.get(keyOf(episode));
    // Why it is late may be found later; a page that was sent stays one.
    const isShadow = shadow && (old === undefined || old.shadow === true);
    // What is late again was only out of sight.
    const { shadow: _shadow, withdrawn: _withdrawn, ...entry } = old ?? episode;
    known.set(keyOf(episode), { ...entry, state, ...(isShadow && { shadow: true }) });
  }
  return [...known.values()]
    .map((episode) => {
      const { luid, freshAt, withdrawn } = episode;
      if (freshAt !== undefined || withdrawn || isLate(luid)) return episode;
      const at = dataAt(episode);
      return at === undefined ? { ...episode, withdrawn: true as const } : { ...episode, freshAt: at };
    })
    .filter(({ deadline }) => deadline > now - keptMs)
    .slice(-mostEpisodes);
}

const keyOf = ({ luid, deadline }: Episode): string => `${luid} ${deadline}`;
