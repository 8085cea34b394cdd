import { test } from 'node:test';
import { endWell, nightCount, seed } from './end-well.js';

/** Far from the seeds of the other file, also when somebody tries a thousand. */
test(`${nightCount} more nights end well`, () => endWell(seed + 1_000_000));
