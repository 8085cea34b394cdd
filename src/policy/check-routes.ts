/** What is wrong with the routes of an escalation file, beyond their form. */
import { zoneProblem } from './check-schedules.js';
import { parseZonedHours, zonedHoursPattern } from './conditions.js';
import { misspelt } from './events.js';
import { weekdays } from './local-time.js';
import { entries, isRecord, part, spell, type Problem } from './reading.js';
import type { Path } from './source.js';
import { suggestion } from './suggest.js';

export function routeProblems(value: unknown): Problem[] {
  const policies = part(value, 'policies');
  if (!isRecord(policies)) return [];
  if (part(value, 'routes') === undefined && !Object.hasOwn(policies, 'default')) {
    return [
      { path: ['policies'], text: 'without routes there must be a policy "default", which takes *RefreshFailed.' },
    ];
  }
  return entries(part(value, 'routes')).flatMap(([index, route]) => {
    const path = ['routes', index];
    const slips = entries(part(route, 'events')).flatMap(([at, pattern]): Problem[] => {
      const wrong = typeof pattern === 'string' ? misspelt(pattern) : null;
      return wrong === null ? [] : [{ path: [...path, 'events', at], text: `${spell(path)}: ${wrong}` }];
    });
    return [...unknownPolicy(policies, route, path), ...slips, ...policyOrIgnore(route, path), ...hoursOf(route, path)];
  });
}

/** Of a route or a promise that names a policy which is not there. */
export function unknownPolicy(policies: Record<string, unknown>, entry: unknown, path: Path): Problem[] {
  const policy = part(entry, 'policy');
  if (typeof policy !== 'string' || policy === '' || Object.hasOwn(policies, policy)) return [];
  const text = `${spell(path)} names the policy "${policy}", which is not there; ${suggestion(policy, Object.keys(policies))}`;
  return [{ path: [...path, 'policy'], text }];
}

function policyOrIgnore(route: unknown, path: Path): Problem[] {
  if (!isRecord(route)) return [];
  const given = ['policy', 'ignore'].filter((key) => Object.hasOwn(route, key));
  return given.length === 1 ? [] : [{ path, text: `${spell(path)} must have either policy or ignore.` }];
}

/** The form alone is checked by the schema. */
function hoursOf(route: unknown, path: Path): Problem[] {
  const text = part(route, 'hours');
  if (typeof text !== 'string' || !new RegExp(zonedHoursPattern).test(text)) return [];
  const at = [...path, 'hours'];
  const hours = parseZonedHours(text);
  if (hours === null) return [{ path: at, text: `${spell(at)}: the days must be of ${weekdays.join(', ')}.` }];
  if (hours.from === hours.to)
    return [{ path: at, text: `${spell(at)}: the hours begin and end at the same time; a whole day is 00:00-24:00.` }];
  const problem = zoneProblem(hours.timezone);
  return problem === null ? [] : [{ path: at, text: `${spell(at)}: ${problem}` }];
}
