import type { LookupFunction } from 'node:net';

/**
 * Lookups of names, one at a time, and none that would begin later than `longestMs` after it was requested. Node has two threads for them
 * (https://docs.libuv.org/en/v1.x/threadpool.html): one has to stay free for Twilio, whatever the name servers of receivers do.
 */
export function createOneLookup(longestMs: number, clock = Date.now): (lookup: LookupFunction) => LookupFunction {
  const turns: (() => void)[] = [];
  let isBusy = false;

  function next(): void {
    const turn = turns.shift();
    isBusy = turn !== undefined;
    turn?.();
  }

  return (lookup) => (hostname, options, callback) => {
    const until = clock() + longestMs;
    turns.push(() => {
      if (clock() <= until)
        lookup(hostname, options, (...found) => {
          next();
          callback(...found);
        });
      else {
        next();
        callback(Object.assign(new Error('The names before it took too long.'), { code: 'ETIMEOUT' }), '', 0);
      }
    });
    if (!isBusy) next();
  };
}
