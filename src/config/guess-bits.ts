const keyboard = ['1234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/** Where a character is, in the alphabet and on a keyboard; the rows are too far apart to be neighbours. */
function places(character: string | undefined): [number, number] {
  const lower = (character ?? '').toLowerCase();
  const row = keyboard.findIndex((keys) => lower !== '' && keys.includes(lower));
  return [lower.codePointAt(0) ?? Number.NaN, row < 0 ? Number.NaN : row * 100 + (keyboard[row]?.indexOf(lower) ?? 0)];
}

/** Whether a third character continues two others by the same step: `abc`, `aaa`, `rew`, `135`. */
function continues(first: string | undefined, second: string | undefined, third: string | undefined): boolean {
  const [a, b, c] = [places(first), places(second), places(third)];
  return a.some((place, which) => {
    const step = (b[which] ?? Number.NaN) - place;
    return Math.abs(step) <= 2 && (c[which] ?? Number.NaN) - (b[which] ?? Number.NaN) === step;
  });
}

/**
 * How hard a text is to guess, roughly, in bits: each character counts that neither continues a sequence (`abcd`, `qwer`, also
 * two of them in turns, `a1b2c3`) nor repeats a pair that occurred before. It knows no dictionary.
 */
export function guessBits(text: string): number {
  const characters = Array.from(text);
  const pairs = new Set<string>();
  const free = characters.filter((character, index) => {
    const before = (count: number) => characters[index - count];
    const pair = `${before(1) ?? ''}${character}`.toLowerCase();
    const repeats = pairs.has(pair);
    pairs.add(pair);
    return !repeats && !continues(before(2), before(1), character) && !continues(before(4), before(2), character);
  });
  return free.length * Math.log2(Math.max(new Set(characters).size, 1));
}
