/** Every regular expression of `src`: literals by TypeScript's own parser, those that modules construct by recording them. */
import { fileURLToPath } from 'node:url';
import { isIdentifier, isNewExpression, isRegularExpressionLiteral } from 'typescript/unstable/ast/is';
import type { Node } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Pattern {
  /** `src/tableau/look-ups/cause.ts`, and of a literal its position. */
  where: string;
  pattern: RegExp;
}

/** The literals of all files, and the files that construct patterns. */
export function patternsInSource(): { literals: Pattern[]; constructing: string[] } {
  const api = new API({ cwd: root });
  try {
    const [project] = api.updateSnapshot({ openProject: `${root}tsconfig.build.json` }).getProjects();
    if (!project) throw new Error('TypeScript finds no project');
    const literals: Pattern[] = [];
    const constructing = new Set<string>();
    for (const file of project.program.getSourceFileNames().filter((name) => name.startsWith(`${root}src/`))) {
      const where = file.slice(root.length);
      const visit = (node: Node): void => {
        if (isRegularExpressionLiteral(node))
          literals.push({ where: `${where}:${node.pos}`, pattern: patternOf(node.text) });
        if (isNewExpression(node) && isIdentifier(node.expression) && node.expression.text === 'RegExp')
          constructing.add(where);
        node.forEachChild(visit);
      };
      const source = project.program.getSourceFile(file);
      if (!source) throw new Error(`TypeScript cannot read ${file}`);
      visit(source);
    }
    return { literals, constructing: [...constructing] };
  } finally {
    api.close();
  }
}

function patternOf(literal: string): RegExp {
  const end = literal.lastIndexOf('/');
  return new RegExp(literal.slice(1, end), literal.slice(end + 1));
}

/** The patterns that a module constructs when it is loaded; it must not have been loaded before. */
export async function patternsConstructedBy(where: string): Promise<Pattern[]> {
  const found: Pattern[] = [];
  const original = globalThis.RegExp;
  globalThis.RegExp = new Proxy(original, {
    construct(target, [source, flags]: [string, string?]) {
      const pattern = new target(source, flags);
      // A module that it imports constructs patterns, too.
      if (new Error().stack?.includes(where)) found.push({ where, pattern });
      return pattern;
    },
  });
  try {
    await import(`${root}${where}`);
  } finally {
    globalThis.RegExp = original;
  }
  return found;
}
