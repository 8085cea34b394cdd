import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pino } from 'pino';
import { createSandbox } from '../../sandbox/sandbox.js';
import { createCatalog } from '../../src/tableau/look-ups/catalog.js';
import { createTableauClient } from '../../src/tableau/rest/client.js';
import { createOwnerNames } from '../../src/tableau/look-ups/owner.js';
import { createRoutingFacts, type RoutingFact } from '../../src/tableau/look-ups/routing-facts.js';
import type { ItemKind } from '../../src/workflows/contract.js';
import { pat } from './outside.js';

/** Routing facts over a Tableau of its own. */
async function outside() {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat });
  const domain = await sandbox.listen();
  const signIn = { kind: 'pat', ...pat } as const;
  const tableau = createTableauClient(
    { domain, siteName: '', apiVersion: '3.25', sessionMinutes: 110, signIn },
    { logger: pino({ level: 'silent' }) },
  );
  const catalog = createCatalog(tableau);
  const problems: RoutingFact[] = [];
  const factsOf = createRoutingFacts({
    catalog,
    ownerNames: createOwnerNames(catalog),
    onProblem: (_item, fact) => void problems.push(fact),
  });
  const look = (luid: string, wanted: RoutingFact[], kind: ItemKind = 'workbook', since = 0) =>
    factsOf({ kind, luid, name: 'x', site: '-' }, wanted, { signal: AbortSignal.timeout(5_000), since });
  return { sandbox, look, problems, catalog };
}

describe('what routes depend on', () => {
  test('is looked up in Tableau, each item once', async (t) => {
    const { sandbox, look } = await outside();
    t.after(() => sandbox.close());
    const item = sandbox.panel.add({ kind: 'workbook', name: 'Sales', project: 'Finance/Daily', owner: 'Ana Lima' });
    const facts = await look(item.luid, ['project', 'tags', 'owner', 'failures']);
    assert.equal(facts.project, 'Finance/Daily');
    assert.deepEqual(facts.tags, []);
    assert.ok((facts.owner ?? []).length > 0);
    assert.equal(facts.failures, 0);
    assert.equal((await look('unknown-to-us', ['failures'])).failures, undefined);
    const requests = sandbox
      .requests({ target: 'tableau' })
      .filter(({ path }) => path.includes(`/workbooks/${item.luid}`));
    assert.equal(requests.length, 1);
  });

  test('counts the failure that it is asked for, also where the tasks of the site were read shortly before', async (t) => {
    const { sandbox, look } = await outside();
    t.after(() => sandbox.close());
    const item = sandbox.panel.add({ kind: 'workbook', name: 'Sales', project: 'Finance', owner: 'Ana Lima' });
    assert.equal((await look(item.luid, ['failures'])).failures, 0);
    const found = sandbox.panel.find(item.luid);
    assert.ok(found);
    await sandbox.panel.fail(found, { wait: true });
    assert.equal((await look(item.luid, ['failures'], 'workbook', Date.now())).failures, 1);
  });

  test('is not known of an item that Tableau does not have', async (t) => {
    const { sandbox, look, problems } = await outside();
    t.after(() => sandbox.close());
    assert.deepEqual(await look('11111111-2222-3333-4444-555555555555', ['project', 'tags', 'owner']), {});
    assert.deepEqual(problems.toSorted(), ['owner', 'project', 'tags']);
  });

  test('is nothing for what has no project, tag, owner or refresh', async (t) => {
    const { sandbox, look } = await outside();
    t.after(() => sandbox.close());
    assert.deepEqual(await look('u', ['project'], 'user'), { project: '', tags: [], owner: [], failures: 0 });
    assert.equal(sandbox.requests({ target: 'tableau' }).length, 0);
  });

  test('is what was found until the time is over', async (t) => {
    const { sandbox, catalog } = await outside();
    t.after(() => sandbox.close());
    const factsOf = createRoutingFacts({
      catalog: { ...catalog, contentOf: () => new Promise(() => undefined), tasksOf: async () => [] },
      ownerNames: async () => [],
      onProblem: () => undefined,
    });
    const item = { kind: 'workbook', luid: 'w', name: 'x', site: '-' } as const;
    const how = { signal: AbortSignal.timeout(50), since: 0 };
    assert.deepEqual(await factsOf(item, ['project', 'owner'], how), { owner: [] });
    // It is over before anything is asked.
    assert.deepEqual(await factsOf(item, ['project'], how), {});
  });
});
