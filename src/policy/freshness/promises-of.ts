/** Which promises count for an item. */
import { matchesName, matchesPath } from '../glob.js';
import type { FreshnessPromise, ItemMatch } from './promise.js';
import { isDeclared, isLearned, type DeclaredPromise, type LearnedPromise } from './verdicts.js';

/** What promises match an item by. */
interface Matched {
  name: string;
  project?: string;
  tags: readonly string[];
}

const isMatch = ({ item, project, tag }: ItemMatch, facts: Matched): boolean =>
  (item === undefined || matchesName(item, facts.name)) &&
  (project === undefined || (facts.project !== undefined && matchesPath(project, facts.project))) &&
  (tag === undefined || facts.tags.some((one) => matchesName(tag, one)));

/** What is declared of an item takes the place of what is learnt of it, unless it pages nobody and the other does. */
export function promisesOf(
  facts: Matched,
  promises: readonly FreshnessPromise[],
): (DeclaredPromise | LearnedPromise)[] {
  const own = promises.filter((promise) => isMatch(promise.items, facts));
  const declared = own.filter(isDeclared);
  const isDeclaredToPage = declared.some(({ shadow }) => !shadow);
  const learned = own.filter(isLearned).filter(({ shadow }) => declared.length === 0 || (!shadow && !isDeclaredToPage));
  return [...declared, ...learned];
}
