/** Messages from numbers that are no contact, since this process began: many of them mean a wrong number somewhere. */
export interface UnknownSenders {
  /** Counts one more and gives how many they are. */
  add: () => number;
  count: () => number;
}

export function createUnknownSenders(): UnknownSenders {
  let count = 0;
  return { add: () => (count += 1), count: () => count };
}
