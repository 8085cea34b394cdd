import { isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

export type Path = readonly string[];

/** A place in a text. Both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A sentence about a place in a text. */
export interface Finding extends Position {
  text: string;
}

/** `e.yaml:6:13: text` */
export const placed = (file: string, { line, column, text }: Finding): string => `${file}:${line}:${column}: ${text}`;

export const inTextOrder = <T extends Position>(findings: readonly T[]): T[] =>
  findings.toSorted((one, other) => one.line - other.line || one.column - other.column);

/** A YAML text with the position of each of its parts. */
export interface Source {
  value: unknown;
  /** What is not YAML, or a key given twice. When `broken`, `value` is undefined or incomplete. */
  problems: Finding[];
  broken: boolean;
  /** The beginning of the key or list entry at a path, or of the nearest part around it. */
  positionOf: (path: Path) => Position;
}

/** Reads YAML 1.2 (and so JSON). Never throws: what is wrong is in `problems`. */
export function readSource(text: string): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const positionAt = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos: [start] }) => {
    const word = /^["']?([^"':,\s]+)/.exec(text.slice(start))?.[1] ?? '';
    const sentence = code === 'DUPLICATE_KEY' ? `key "${word}" is given twice.` : `this is no YAML: ${message}.`;
    return { ...positionAt(start), text: sentence.replace(/\.\.$/, '.') };
  });
  const broken = document.errors.some(({ code }) => code !== 'DUPLICATE_KEY');

  return {
    value: broken ? undefined : toValue(() => document.toJS(), problems),
    problems,
    broken: broken || problems.some((problem) => problem.text.includes('alias')),
    positionOf(path) {
      let node: unknown = document.contents;
      let offset = 0;
      for (const part of path) {
        const next = child(node, part);
        if (!next) break;
        node = next.value;
        offset = next.offset ?? offset;
      }
      return positionAt(offset);
    },
  };
}

/** The library reports an alias without an anchor, or too many aliases, only when it makes the value. */
function toValue(make: () => unknown, problems: Source['problems']): unknown {
  try {
    return make();
  } catch (error) {
    const text = `an alias cannot be resolved: ${error instanceof Error ? error.message : ''}.`;
    problems.push({ line: 1, column: 1, text });
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

const offsetOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
