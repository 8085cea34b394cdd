import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { Settings } from '../../../sandbox/settings.js';
import { control } from '../world.js';
import { day, hour, openSite } from './site.js';

async function open(t: TestContext, settings: Partial<Settings> = {}) {
  const site = await openSite(t, settings);
  const { sandbox, panel } = site;
  const graph = async (query: string, variables: object | null = {}): Promise<unknown> => {
    const response = await fetch(`${sandbox.url}/api/metadata/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tableau-auth': site.token },
      body: JSON.stringify({ query, variables }),
    });
    assert.equal(response.status, 200);
    return response.json();
  };
  const item = (luid: string) => panel.find(luid) ?? assert.fail();
  return { ...site, graph, item };
}

const times = 'extractLastRefreshTime extractLastIncrementalUpdateTime extractLastUpdateTime';
const noTimes = { extractLastRefreshTime: null, extractLastIncrementalUpdateTime: null, extractLastUpdateTime: null };

describe('the Metadata API', () => {
  test('shows lineage in both directions, and published data sources as embedded ones without an extract', async (t) => {
    const { panel, graph } = await open(t);
    panel.add({ kind: 'datasource', name: 'Orders', luid: 'ds' });
    panel.add({ kind: 'workbook', name: 'Sales', luid: 'wb', upstream: ['ds'] });
    panel.add({ kind: 'workbook', name: 'Mixed', luid: 'mixed', upstream: ['ds'], hasExtracts: true });
    const embedded = `embeddedDatasources { name hasExtracts ${times} }`;
    assert.deepEqual(
      await graph(`# both
        query both {
          publishedDatasourcesConnection { nodes { luid name hasExtracts downstreamWorkbooks { luid name } } }
          workbooksConnection { totalCount nodes { luid upstreamDatasources { luid name } ${embedded} } }
        }`),
      {
        data: {
          publishedDatasourcesConnection: {
            nodes: [
              {
                luid: 'ds',
                name: 'Orders',
                hasExtracts: true,
                downstreamWorkbooks: [
                  { luid: 'wb', name: 'Sales' },
                  { luid: 'mixed', name: 'Mixed' },
                ],
              },
            ],
          },
          workbooksConnection: {
            totalCount: 2,
            nodes: [
              {
                luid: 'wb',
                upstreamDatasources: [{ luid: 'ds', name: 'Orders' }],
                embeddedDatasources: [{ name: 'Orders', hasExtracts: false, ...noTimes }],
              },
              {
                luid: 'mixed',
                upstreamDatasources: [{ luid: 'ds', name: 'Orders' }],
                embeddedDatasources: [
                  { name: 'Mixed', hasExtracts: true, ...noTimes },
                  { name: 'Orders', hasExtracts: false, ...noTimes },
                ],
              },
            ],
          },
        },
      },
    );
  });

  test('comes in pages, in the order that was asked for, and filtered', async (t) => {
    const { panel, graph } = await open(t);
    for (const name of ['C', 'A', 'B'])
      panel.add({ kind: 'datasource', name, luid: `ds-${name}`, project: `P${name}` });
    const query = `query page($first: Int = 2, $after: String) {
      page: publishedDatasourcesConnection(first: $first, after: $after, orderBy: { field: NAME, direction: DESC }) {
        nodes { name } pageInfo { hasNextPage endCursor } totalCount
      }
    }`;
    const first = await graph(query, null);
    const [, endCursor = ''] = /"endCursor":"([^"]+)"/.exec(JSON.stringify(first)) ?? [];
    const page = (names: string[], hasNextPage: boolean, cursor: string) => ({
      data: {
        page: { nodes: names.map((name) => ({ name })), pageInfo: { hasNextPage, endCursor: cursor }, totalCount: 3 },
      },
    });
    assert.deepEqual(first, page(['C', 'B'], true, endCursor));
    const second = await graph(query, { after: endCursor, first: 2 });
    const [, last = ''] = /"endCursor":"([^"]+)"/.exec(JSON.stringify(second)) ?? [];
    assert.deepEqual(second, page(['A'], false, last));

    const named = (filter: string, variables = {}) =>
      graph(`query f($luids: [String!]) { publishedDatasources(filter: ${filter}) { name } }`, variables);
    const names = (...all: string[]) => ({ data: { publishedDatasources: all.map((name) => ({ name })) } });
    assert.deepEqual(await named('{ luidWithin: $luids }', { luids: ['ds-A', 'ds-C', 'none'] }), names('C', 'A'));
    assert.deepEqual(await named('{ luidWithin: $luids }'), names('C', 'A', 'B'));
    assert.deepEqual(await named('{ luid: "ds-B" }'), names('B'));
    assert.deepEqual(await named('{ nameWithin: ["A"], projectName: "PA" }'), names('A'));
  });

  test('shows full and incremental refreshes apart, and takes publishing for an update', async (t) => {
    const { sandbox, panel, graph, item } = await open(t);
    panel.add({ kind: 'datasource', name: 'Orders', luid: 'ds' });
    panel.add({ kind: 'datasource', name: 'Live', luid: 'live', hasExtracts: false });
    const shown = async () => {
      const answer = await graph(`{ publishedDatasources(filter: { luid: "ds" }) { ${times} } }`);
      return [...JSON.stringify(answer).matchAll(/"(extract\w+)":(?:"([^"]+)"|null)/g)].map(([, , at]) => at ?? null);
    };
    assert.deepEqual(await shown(), [null, null, null]);
    await panel.recover(item('ds'), { createdAt: '2025-01-06T08:00:00Z' });
    assert.deepEqual(await shown(), ['2025-01-06T08:00:00Z', null, '2025-01-06T08:00:00Z']);
    await panel.recover(item('ds'), { createdAt: '2025-01-06T09:00:00Z', incremental: true });
    assert.deepEqual(await shown(), ['2025-01-06T08:00:00Z', '2025-01-06T09:00:00Z', '2025-01-06T09:00:00Z']);
    await panel.fail(item('ds'), { createdAt: '2025-01-06T10:00:00Z' });
    await control(sandbox, 'PUT', 'tableau/items/ds', { publishedAt: Date.parse('2025-01-06T11:00:00Z') });
    assert.deepEqual(await shown(), ['2025-01-06T08:00:00Z', '2025-01-06T09:00:00Z', '2025-01-06T11:00:00Z']);
    const live = await graph(`{ publishedDatasources(filter: { luid: "live" }) { hasExtracts ${times} } }`);
    assert.deepEqual(live, { data: { publishedDatasources: [{ hasExtracts: false, ...noTimes }] } });
  });

  test('does not yet show refreshes younger than its lag', async (t) => {
    const { panel, graph, item } = await open(t, { metadataLagMs: hour });
    panel.add({ kind: 'datasource', name: 'Orders', luid: 'ds' });
    const yesterday = Math.floor((Date.now() - day) / 1000) * 1000;
    await panel.recover(item('ds'), { createdAt: yesterday });
    // It happened now, though its time is ahead.
    await panel.recover(item('ds'), { createdAt: Date.now() + day });
    await panel.recover(item('ds'), { createdAt: Date.now() - hour / 2, incremental: true });
    const at = new Date(yesterday).toISOString().replace('.000', '');
    assert.deepEqual(await graph(`{ publishedDatasources { ${times} } }`), {
      data: { publishedDatasources: [{ ...noTimes, extractLastRefreshTime: at, extractLastUpdateTime: at }] },
    });
  });

  test('cuts an answer with too many objects, and says so beside the data', async (t) => {
    const { panel, graph } = await open(t, { metadataNodeLimit: 4 });
    for (const name of ['A', 'B', 'C']) panel.add({ kind: 'datasource', name, downstream: 1 });
    const text = JSON.stringify(await graph('{ publishedDatasources { name downstreamWorkbooks { name } } }'));
    assert.match(
      text,
      /"data":\{"publishedDatasources":\[\{"name":"A",.*\{"name":"B",[^{]*\{[^{]*\}\]\}\]\},"errors":\[/,
    );
    assert.match(text, /"severity":"WARNING","code":"NODE_LIMIT_EXCEEDED"/);
  });

  const wrong: [string, string, RegExp][] = [
    ['a field that does not exist', '{ workbooks { luid owner } }', /FieldUndefined: owner/],
    ['a root that does not exist', '{ flows { luid } }', /FieldUndefined: flows/],
    ['an argument that does not exist', '{ workbooks(limit: 1) { luid } }', /arguments of workbooks/],
    ['a filter that does not exist', '{ workbooks(filter: { owner: "x" }) { luid } }', /arguments of workbooks/],
    ['an order that does not exist', '{ workbooks(orderBy: { field: SIZE }) { luid } }', /orderBy SIZE/],
    ['a cursor that it did not give', '{ workbooksConnection(after: "x") { nodes { luid } } }', /Invalid cursor/],
    ['a variable that is not declared', '{ workbooks(filter: { luid: $luid }) { luid } }', /UndefinedVariable: \$luid/],
    ['an object without a selection', '{ workbooks }', /SubSelectionRequired/],
    ['a value with a selection', '{ workbooks { luid { id } } }', /SubSelectionNotAllowed: luid/],
    ['an open bracket', '{ workbooks { luid }', /Invalid Syntax/],
    ['a character of no token', '{ workbooks { … } }', /Invalid Syntax/],
  ];
  for (const [what, query, message] of wrong)
    test(`refuses ${what}, with 200 and errors`, async (t) => {
      const { panel, graph } = await open(t);
      panel.add({ kind: 'workbook', name: 'Sales' });
      assert.match(JSON.stringify(await graph(query)), /^\{"data":null,"errors":\[\{"message":"/);
      assert.match(JSON.stringify(await graph(query)), message);
    });
});

test('a workbook can only be added on a data source that exists', async (t) => {
  const { sandbox, panel } = await openSite(t);
  const { luid } = panel.add({ kind: 'workbook', name: 'Sales' });
  const { status, body } = await control(sandbox, 'POST', 'tableau/items', {
    kind: 'workbook',
    name: 'New',
    upstream: [luid],
  });
  assert.deepEqual([status, body], [409, { error: `There is no data source ${luid}.` }]);
});
