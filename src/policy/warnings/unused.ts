/** Parts of the file that have no effect. */
import { scheduleOf } from '../../workflows/references.js';
import type { Problem } from '../reading.js';
import { canBePaged, type Escalation } from '../route.js';

export function unused(escalation: Escalation): Problem[] {
  const { contacts, schedules = {}, policies, routes, freshness = [], operators = [] } = escalation;
  const paged = new Set(
    Object.values(policies).flatMap(({ steps }) => steps.flatMap(({ page }) => page.map(scheduleOf))),
  );
  return [
    ...Object.keys(contacts)
      .filter((key) => !canBePaged(escalation, key) && !operators.includes(key))
      .map((key) => ({ path: ['contacts', key], text: `contact "${key}" can be paged by no policy.` })),
    ...Object.keys(schedules)
      .filter((name) => !paged.has(name))
      .map((name) => ({ path: ['schedules', name], text: `schedule "${name}" is paged by no step.` })),
    ...Object.keys(policies)
      .filter((name) => !routes.some((route) => 'policy' in route && route.policy === name))
      .filter((name) => !freshness.some(({ policy }) => policy === name))
      .map((name) => ({ path: ['policies', name], text: `policy "${name}" is used by no route.` })),
  ];
}
