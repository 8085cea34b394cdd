import { minute } from '../workflows/contract.js';
import { createCache } from './cache.js';
import type { TableauClient } from './client.js';
import { shown } from './reading.js';
import type { Project } from './schemas.js';
import { sharedRequestSignal } from './timeouts.js';

/** Gives the path of a project: "Finance/Daily" for the luid of Daily. The list of projects is cached. */
export function createProjects(tableau: TableauClient): (luid: string) => Promise<string | undefined> {
  const lists = createCache<Map<string, Project>>({ ttlMs: 10 * minute, failureTtlMs: () => minute });
  const load = async () => {
    const projects = await tableau.projects(sharedRequestSignal());
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
