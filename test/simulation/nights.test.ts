import { test } from 'node:test';
import { endWell, nightCount, seed } from './end-well.js';

test(`${nightCount} nights end well`, () => endWell(seed));
