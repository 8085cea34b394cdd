/** Lengths of time in replies. */
import { hour, minute } from './contract.js';
import { units } from './reply-phrases.js';

/**
 * The length of time at the end in milliseconds, and of how many words it consists: `30 m`, `1 h 30 m`, `for 30`, `for half an hour`.
 * Null where there is none.
 */
export function lengthAtEnd(words: readonly string[]): { ms: number; words: number } | null {
  const text = words.join(' ');
  const spoken = /(?:^| )(?:for )?((?:half )?an? hour)$/u.exec(text);
  if (spoken) return { ms: spoken[1]?.startsWith('half') ? hour / 2 : hour, words: spoken[0].trim().split(' ').length };
  const [before, last] = words.slice(-2);
  if (before === 'for' && last !== undefined && isCount(last)) return { ms: Number(last) * minute, words: 2 };
  let ms = 0;
  let taken = 0;
  while (taken < 4) {
    const [count = '', unit = ''] = words.slice(words.length - taken - 2, words.length - taken);
    const unitMs = units.get(unit);
    if (unitMs === undefined || !isCount(count)) break;
    ms += Number(count.replace(',', '.')) * unitMs;
    taken += 2;
  }
  if (ms === 0) return null;
  return { ms: Math.round(ms), words: taken + (words.at(-taken - 1) === 'for' ? 1 : 0) };
}

const isCount = (word: string): boolean => /^(?:0*[1-9][0-9]{0,3}(?:[.,][0-9])?|0[.,][1-9])$/u.test(word);
