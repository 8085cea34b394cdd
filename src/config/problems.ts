import { allErrors } from './config-error.js';
import { expectedOf, isProduction, Variables, type Env } from './variables.js';
import { rules } from './rules.js';
import { weakSecrets } from './weak-secrets.js';

/**
 * A sentence for every variable that is missing or wrong. Sentences never contain values: many are secret.
 * @param known problems that were found before, by variable: these variables are not checked again
 */
export function problemsOf(env: Env, known: ReadonlyMap<string, string> = new Map()): string[] {
  const problems = new Map(known);
  for (const error of allErrors(Variables, env)) {
    if (error.keyword === 'required') {
      for (const name of error.params.requiredProperties)
        if (!problems.has(name)) problems.set(name, `${name} is missing: write ${expectedOf(name)}.`);
    } else {
      const name = error.instancePath.slice(1);
      problems.set(name, `${name} is wrong: it must be ${expectedOf(name)}.`);
    }
  }
  const production = isProduction(env);
  // Who never chose production learns how to leave it.
  const wayOut = env.NODE_ENV ? '' : ' On a machine for development set NODE_ENV=development.';
  const strict = (problem: string) => problem + wayOut;
  const isKnown = (problem: string) => [...known.keys()].some((name) => new RegExp(`\\b${name}\\b`).test(problem));
  const found = rules.map((rule) => {
    const problem = rule(env, production);
    return problem && production && !rule(env, false) ? strict(problem) : problem;
  });
  for (const problem of [...found, ...(production ? weakSecrets(env).map(strict) : [])]) {
    const name = problem ? (/^[A-Z_]+/.exec(problem)?.[0] ?? '') : '';
    if (problem && !problems.has(name) && !isKnown(problem)) problems.set(name, problem);
  }
  return [...problems.values()];
}
