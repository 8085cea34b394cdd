/** What was refused, for readers of a form. Pure. */
import { capital } from '../../workflows/words.js';
import { onClock, type Clock } from './times.js';

const id = /\s[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g;

/**
 * A sentence of the API for readers of a form: it begins with a capital, as labels do, times are on their clock, and ids, which no page shows, are left
 * out.
 */
export const forReader = (message: string, clock: Clock): string =>
  capital(onClock(message.replaceAll(id, '').replace(/^match\./, ''), clock));
