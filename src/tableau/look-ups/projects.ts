import { minute } from '../../workflows/contract.js';
import { createCache } from '../cache.js';
import type { TableauClient } from '../rest/client.js';
import { shown } from '../rest/reading.js';
import type { Project } from '../rest/schemas.js';
import { sharedRequestSignal } from '../rest/timeouts.js';

/**
 * Gives the path of a project: "Finance/Daily" for the luid of Daily; undefined where Tableau does not show it, or one above it. The list of projects is
 * cached.
 */
export function createProjects(
  tableau: Pick<TableauClient, 'projects'>,
): (luid: string) => Promise<string | undefined> {
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
    const parent = String(at.parentProjectId ?? '');
    at = projects.get(parent);
    // The rest alone would be the path of another project.
    if (parent !== '' && !at) return undefined;
  }
  return shown(names.join('/'));
}
