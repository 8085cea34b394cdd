/** Routes that have no effect. */
import { isUnknown } from '../events.js';
import { entries, isRecord, part, spell, type Problem } from '../reading.js';
import { matchesEvent } from '../route.js';

/**
 * Whether every event name that fits `specific` also fits `general`. Names may have letters that no pattern has. `*` is such a letter, so that
 * only a `*` of `general` can match it; whatever run of letters then stands in its place, the same `*` of `general` takes it.
 */
export const covers = (general: string, specific: string): boolean => matchesEvent(general, specific);

interface Pattern {
  at: string;
  pattern: string;
}

/** The patterns of a route that are texts. */
const patternsOf = (route: unknown): Pattern[] =>
  entries(part(route, 'events')).flatMap(([at, pattern]) => (typeof pattern === 'string' ? [{ at, pattern }] : []));

/** Keys of a route that are no conditions beside its events. Any other key may be one. */
const unconditional = ['events', 'policy', 'ignore'];

const isUnconditional = (route: unknown): boolean =>
  isRecord(route) && Object.keys(route).every((key) => unconditional.includes(key));

/** Routes, and patterns of routes, whose events all go to an earlier route. One that has other conditions takes only some of its events. */
export function hiddenRoutes(value: unknown): Problem[] {
  const earlier: { index: string; patterns: Pattern[] }[] = [];
  return entries(part(value, 'routes')).flatMap(([index, route]) => {
    const patterns = patternsOf(route);
    const hidden = patterns.flatMap(({ at, pattern }) => {
      const by = earlier.find((each) => each.patterns.some((other) => covers(other.pattern, pattern)));
      return by === undefined ? [] : [{ at, pattern, by: spell(['routes', by.index]) }];
    });
    if (isUnconditional(route)) earlier.push({ index, patterns });
    const path = ['routes', index];
    if (hidden.length === 0) return [];
    if (hidden.length === patterns.length) {
      const by = [...new Set(hidden.map((each) => each.by))];
      const take = by.length === 1 ? 'takes' : 'take';
      const text = `${spell(path)} can never be reached: ${by.join(' and ')} ${take} every event that it matches.`;
      return [{ path, text }];
    }
    return hidden.map(({ at, pattern, by }) => ({
      path: [...path, 'events', at],
      text: `"${pattern}" in ${spell(path)} has no effect: ${by} takes every event that it matches.`,
    }));
  });
}

/** Patterns that fit no event of Tableau's documentation. */
export function unknownEvents(value: unknown): Problem[] {
  return entries(part(value, 'routes')).flatMap(([index, route]) =>
    patternsOf(route).flatMap(({ at, pattern }) => {
      if (!isUnknown(pattern)) return [];
      const text = `"${pattern}" fits no event that Tableau documents: nobody is paged for it unless Tableau has added one.`;
      return [{ path: ['routes', index, 'events', at], text }];
    }),
  );
}
