/** What each contact got and did. */
import { sumOf } from './cost.js';
import type { PersonView } from './schema.js';
import { spreadOf } from './spread.js';
import { isIgnored, sentOf, type Recorded } from './totals.js';

/** Whoever was woken most comes first; answers of nobody who is a contact are in a row of their own, the last one. */
export function peopleOf(now: Recorded, before: Recorded | null): PersonView[] {
  const contacts = new Set([now, before].flatMap((recorded) => (recorded ? contactsIn(recorded) : [])));
  return [...contacts]
    .map((contact): PersonView => {
      const earlier = before && personOf(before, contact);
      return {
        contact,
        ...personOf(now, contact),
        before: earlier && { acknowledged: earlier.acknowledged, wakings: earlier.wakings, cost: earlier.cost },
      };
    })
    .toSorted(
      (a, b) =>
        Number(a.contact === null) - Number(b.contact === null) ||
        b.wakings - a.wakings ||
        b.acknowledged - a.acknowledged ||
        ((a.contact ?? '') < (b.contact ?? '') ? -1 : 1),
    );
}

const contactsIn = ({ episodes, messages }: Recorded): (string | null)[] => [
  ...messages.map(({ message }) => message.contact),
  ...episodes.flatMap((one) => (isIgnored(one) ? [] : one.episode.answers.slice(0, 1).map(({ contact }) => contact))),
];

function personOf({ prices, episodes, messages }: Recorded, contact: string | null) {
  const theirs = messages.filter(({ message }) => message.contact === contact);
  const times = episodes.flatMap((one) =>
    !isIgnored(one) && one.acknowledgedMs !== null && one.episode.answers[0]?.contact === contact
      ? [one.acknowledgedMs]
      : [],
  );
  return {
    acknowledged: times.length,
    toAcknowledge: spreadOf(times),
    sent: sentOf(theirs),
    wakings: theirs.filter(({ isWaking }) => isWaking).length,
    cost: sumOf(
      theirs.map(({ cost }) => cost),
      prices,
    ),
  };
}
