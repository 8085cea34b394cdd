/** Texts that make a pattern slow: long runs of what it takes greedily, without what it needs in the end. */
const common = [
  ' ',
  '\t',
  '\n',
  '\r\n',
  'a',
  'A',
  'aA',
  '0',
  '-',
  '.',
  ',',
  ':',
  ';',
  '!',
  '?',
  '=',
  '@',
  '+',
  '%',
  '/',
  '\\',
  '_',
  '&',
  '#',

  '"',
  "'",
  '“',
  '”',
  '‘',
  '„',
  '`',
  '«',
  '(',
  ')',
  '[',
  '{',
  '<',
  '>',
  '|',
  '…',
  '\uE000',
  '\uFFFD',
  '\uD800',
  '\u0000',
  'é',
  '👍',

  'a ',
  ' a',
  'a.',
  'a-',
  'a_',
  'a/',
  '/a',
  'a\\',
  '\\\\a',
  'a:',
  'a=',
  'a@',
  'a.a@',
  '0.',
  '0:',
  '0a',
  '0 ',
  'a0',
  '1.1 ',
  ' .',
  ' ,',

  'a="',
  "a='",
  '="',
  '“a',
  '[a',
  '[a]',
  '(a',
  '<a',
  '\uE000 ',
  ' \uE000',
  '"\uE000',
  '\\n',
  '\\"',
  '":"',
  '"a":"',
  '"a":"\\"',
];

/** The words of a pattern, such as `server` and `Bearer `, with what may follow them. */
const wordsOf = ({ source }: RegExp): string[] => {
  const words = [...new Set(source.replaceAll(/\\[a-zA-Z]/g, ' ').match(/[a-zA-Z]{3,}/g) ?? [])].slice(0, 30);
  return words.flatMap((word) => ['', ' ', '=', '="', '=“', ' "'].map((after) => word + after));
};

const filled = (unit: string, length: number): string => unit.repeat(Math.ceil(length / unit.length)).slice(0, length);

/** Texts of `length` characters for any pattern. */
export const hostileTexts = (length: number): string[] =>
  common.flatMap((unit) => [filled(unit, length), `x${filled(unit, length - 2)}\u0001`]);

/** Texts for one pattern: its words repeated, and each word before a long run. */
export const textsAgainst = (pattern: RegExp, length: number): string[] => {
  const words = wordsOf(pattern);
  const before = words.filter((_, n) => n % 6 < 3);
  return [
    ...words.map((word) => filled(word, length)),
    ...before.flatMap((word) => ['a', ' '].map((unit) => word + filled(unit, length - word.length - 1) + '\u0001')),
  ];
};
