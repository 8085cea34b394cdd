import type { TableauClient } from './client.js';
import { shown } from './reading.js';
import { createRemembered } from './cache.js';
import type { Project } from './schemas.js';

/** Knows where projects are: "Finance/Daily" for the luid of Daily. The list is fetched once for many. */
export function createProjects(tableau: TableauClient): (luid: string) => Promise<string | undefined> {
  const lists = createRemembered<Map<string, Project>>({ keep: 10 * 60_000, keepFailure: () => 60_000 });
  const load = async () => {
    const projects = await tableau.projects(AbortSignal.timeout(9_000));
    return new Map(projects.map((project) => [String(project.id), project]));
  };
  return async (luid) => pathOf(await lists.get('all', load), luid);
}

function pathOf(projects: ReadonlyMap<string, Project>, luid: string): string | undefined {
  const names: string[] = [];
  const seen = new Set<string>();
  let at = projects.get(luid);
  while (at && !seen.has(String(at.id))) {
    seen.add(String(at.id));
    names.unshift(String(at.name));
    at = projects.get(String(at.parentProjectId ?? ''));
  }
  return shown(names.join('/'));
}
