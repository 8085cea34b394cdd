import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProjects } from '../../src/tableau/look-ups/projects.js';

test('the path of a project is known where Tableau shows all that are above it', async () => {
  const projects = [
    { id: 'f', name: 'Finance' },
    { id: 'd', name: 'Daily', parentProjectId: 'f' },
    { id: 'e', name: 'EMEA', parentProjectId: 'd' },
    // Its parent is shown to others alone.
    { id: 'h', name: 'Daily', parentProjectId: 'hidden' },
    { id: 'i', name: 'Old', parentProjectId: 'h' },
  ];
  const pathOf = createProjects({ projects: async () => projects });
  const paths = await Promise.all(['f', 'e', 'h', 'i', 'gone'].map((id) => pathOf(id)));
  assert.deepEqual(paths, ['Finance', 'Finance/Daily/EMEA', undefined, undefined, undefined]);
});
