/** The picture of the imports in docs/README.md against the import statements of src. */
import assert from 'node:assert/strict';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { filesUnder, read } from './files.js';

/** The folder of a file under src, `main` for a file directly there. */
const folderOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : 'main');

/** `from --> to` for every folder, or file, that imports another one, types included. */
function importsBetween(nameOf: (file: string) => string): Set<string> {
  const found = new Set<string>();
  for (const file of filesUnder('src', '.ts')) {
    for (const [, target = ''] of read(file).matchAll(/(?:\bfrom|\bimport\() ?'(\.[^']+)'/g)) {
      const [from, to] = [file, join(dirname(file), target)].map((path) =>
        nameOf(relative('src', path.replace(/\.js$/, '.ts'))),
      );
      if (from !== to) found.add(`${from} --> ${to}`);
    }
  }
  return found;
}

const [, picture = ''] = /```mermaid\n([^]*?)```/.exec(read('docs/README.md')) ?? [];
const drawn = [...picture.matchAll(/^ *(\w+)(?:\[[^\]]*\])? *--> *(\w+)/gm)].map(([, from, to]) => `${from} --> ${to}`);

test('the picture in docs/README.md has an arrow for every import between folders, and no other', () => {
  assert.deepEqual(drawn.toSorted(), [...importsBetween(folderOf)].toSorted());
  const lines = picture.split('\n').filter((line) => /[<>]-|-[<>]/.test(line));
  assert.equal(drawn.length, lines.length, 'every line with an arrow was read');
});

/** A workflow has its code in a folder of its own; other files directly in workflows/ are for everybody. */
const workflowOf = (file: string): string =>
  /^workflows\/[\w-]+(?=\/)/.exec(file)?.[0] ?? (file === 'workflows/index.ts' ? file : folderOf(file));

test('the code of a workflow is imported by src/workflows/index.ts alone', () => {
  const imports = [...importsBetween(workflowOf)].map((arrow) => arrow.split(' --> '));
  const ofWorkflows = imports.filter(([, to = '']) => to.startsWith('workflows/') && to !== 'workflows/index.ts');
  assert.ok(ofWorkflows.length >= 7);
  assert.deepEqual(
    ofWorkflows.filter(([from]) => from !== 'workflows/index.ts'),
    [],
  );
});

/** What is left of a graph, written as `from --> to`, when all that imports nothing else is taken away: its circles. */
function circlesOf(arrows: Iterable<string>): string[] {
  const left = new Map<string, Set<string>>();
  for (const arrow of arrows) {
    const [from = '', to = ''] = arrow.split(' --> ');
    left.set(from, (left.get(from) ?? new Set()).add(to));
  }
  assert.ok(left.size >= 8);
  for (let removed = true; removed;) {
    removed = false;
    for (const [from, targets] of left) {
      if ([...targets].some((target) => left.has(target))) continue;
      left.delete(from);
      removed = true;
    }
  }
  return [...left.keys()];
}

test('no folder imports another one in a circle', () => {
  assert.deepEqual(circlesOf(importsBetween(folderOf)), []);
});

test('no file imports another one in a circle', () => {
  assert.deepEqual(circlesOf(importsBetween((file) => file)), []);
});
