import { isMap, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

export type Path = readonly string[];

/** A YAML text with the line of each of its parts. */
export interface Source {
  value: unknown;
  /** What is not YAML, or a key given twice, each with its line. When `broken`, `value` is undefined or incomplete. */
  problems: { line: number; text: string }[];
  broken: boolean;
  /** The line, from 1, of the key or list entry at a path, or of the nearest part around it. */
  lineOf: (path: Path) => number;
}

/** Reads YAML 1.2 (and so JSON). Never throws: what is wrong is in `problems`. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos: [start] }) => {
    const word = /^["']?([^"':,\s]+)/.exec(text.slice(start))?.[1] ?? '';
    const sentence = code === 'DUPLICATE_KEY' ? `key "${word}" is given twice.` : `this is no YAML: ${message}.`;
    return { line: lineAt(start), text: sentence.replace(/\.\.$/, '.') };
  });
  const broken = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');

  return {
    value: broken ? undefined : toValue(() => document.toJS(), problems),
    problems,
    broken: broken || problems.some((problem) => problem.text.includes('alias')),
    lineOf(path) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const part of path) {
        const next = child(node, part);
        if (!next) break;
        node = next.value;
        offset = next.offset ?? offset;
      }
      return lineAt(offset);
    },
  };
}

/** The library reports an alias without an anchor, or too many aliases, only when it makes the value. */
function toValue(make: () => unknown, problems: Source['problems']): unknown {
  try {
    return make();
  } catch (error) {
    problems.push({ line: 1, text: `an alias cannot be resolved: ${error instanceof Error ? error.message : ''}.` });
    return undefined;
  }
}

function child(node: unknown, part: string): { value: unknown; offset: number | undefined } | null {
  if (isMap(node)) {
    const pair = node.items.findLast(({ key }) => String(isScalar(key) ? key.value : key) === part);
    return pair && isPair(pair) ? { value: pair.value, offset: offsetOf(pair.key) } : null;
  }
  if (isSeq(node)) {
    const item: unknown = node.items[Number(part)];
    return item === undefined ? null : { value: item, offset: offsetOf(item) };
  }
  return null;
}

function offsetOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) ? node.range?.[0] : undefined;
}
