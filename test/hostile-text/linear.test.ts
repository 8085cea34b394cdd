/**
 * No text from outside makes a pattern slow: 1 MB takes at most 50 ms of the processor, and five times that on a busy machine. A quadratic
 * pattern takes minutes. functions.test.ts tries the functions that take such text.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { hostileTexts, textsAgainst } from './hostile.js';
import { processorMs } from './processor-ms.js';
import { patternsConstructedBy, patternsInSource, type Pattern } from './patterns.js';

const megabyte = 1024 * 1024;
/** For 1 MB; and for each match, of which `replaceAll` makes an object, whatever the pattern is. */
const allowed = { ms: 5 * 50, msPerMatch: 0.002 };
/** A longer text is for a pattern that takes more than its share of the time for a shorter one. */
const lengths = [megabyte / 64, megabyte / 16, megabyte / 4, megabyte];

/** What reads only the operator's own words: the environment, the escalation file, the command line, Temporal's program. */
const ofOperator = /^src\/(?:commands|config|policy|temporal)\/(?!phone-numbers|route)/;
const isFromOutside = (where: string): boolean => !ofOperator.test(where);

/** Applies a pattern everywhere in a text, as `replaceAll` does, and gives the number of matches. */
function apply({ source, flags }: RegExp, text: string): number {
  const pattern = new RegExp(source, `${flags.replaceAll(/[gy]/g, '')}g`);
  let matches = 0;
  text.replace(pattern, () => {
    matches += 1;
    return '';
  });
  return matches;
}

/** How a pattern is too slow, or null. */
function slowness({ where, pattern }: Pattern, textsOf: (length: number) => string[]): string | null {
  for (const [n, first] of textsOf(megabyte / 64).entries()) {
    for (const length of lengths) {
      const text = length === first.length ? first : (textsOf(length)[n] ?? '');
      let matches = 0;
      const ms = processorMs(() => {
        matches = apply(pattern, text);
      });
      if (ms <= allowed.ms * (length / megabyte) + matches * allowed.msPerMatch) break;
      if (ms > allowed.ms + matches * allowed.msPerMatch)
        return `${where} ${String(pattern).slice(0, 80)}: ${ms} ms for ${length} characters of ${JSON.stringify(first.slice(0, 24))}`;
    }
  }
  return null;
}

describe('every pattern of the source is linear', () => {
  let literals: Pattern[] = [];
  let constructing: string[] = [];
  before(() => {
    ({ literals, constructing } = patternsInSource());
  });
  const problems = (patterns: readonly Pattern[]): string[] =>
    patterns.flatMap(
      (one) => slowness(one, hostileTexts) ?? slowness(one, (length) => textsAgainst(one.pattern, length)) ?? [],
    );

  test('the sweep finds a quadratic pattern, and lets a linear one pass', () => {
    const tried = [/\s+$/, /[\w.]+@/, /^a+b/].map((pattern) => ({ where: 'here', pattern }));
    assert.deepEqual(
      tried.map((one) => problems([one]).length),
      [1, 1, 0],
    );
  });

  test('literals', () => {
    assert.ok(literals.length > 100, `${literals.length} literals`);
    assert.deepEqual(problems(literals.filter(({ where }) => isFromOutside(where))), []);
  });

  test('those that modules construct', async () => {
    const constructed: Pattern[] = [];
    for (const where of constructing.filter(isFromOutside)) {
      const found = await patternsConstructedBy(where);
      assert.ok(found.length > 0, `${where} constructs its patterns later: make them constants`);
      constructed.push(...found);
    }
    assert.ok(constructed.length > 10, `${constructed.length} patterns`);
    assert.deepEqual(problems(constructed), []);
  });
});
