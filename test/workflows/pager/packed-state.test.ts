import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minute } from '../../../src/workflows/contract.js';
import { packPager, unpackPager } from '../../../src/workflows/pager/packed-state.js';
import { newPager, stateOf } from '../../../src/workflows/pager/state.js';
import { createPager } from '../../helpers/pager.js';

test('the packed state of 5,000 items fits in a payload, and LIST counts all of them', () => {
  const ana = createPager();
  const uuid = (n: number): string => `${String(n).padStart(8, '0')}-aaaa-bbbb-cccc-dddddddddddd`;
  for (let n = 0; n < 5_000; n += 1) {
    const payload = `refresh:${uuid(1)}:${uuid(n)}`;
    ana.page(payload, 1, 'whatsapp', {
      name: `Quarterly revenue of region ${n}`,
      project: 'Finance/Daily/Revenue',
      owner: 'Olga Ownerson',
      cause: 'Snowflake refused the login because the password of the service account has expired.',
      url: `https://tableau.example.com/#/site/finance/workbooks/${n}`,
      inARow: 3,
    });
    if (n === 0) ana.sends('whatsapp');
  }
  ana.later(minute);
  ana.sends('whatsapp');
  const carried = packPager(stateOf(ana.pager));
  const bytes = Buffer.byteLength(JSON.stringify(carried));
  assert.deepEqual(
    unpackPager(newPager('nobody', ana.pager.settings, 'other'), JSON.parse(JSON.stringify(carried)) as typeof carried),
    stateOf(ana.pager),
  );
  assert.ok(bytes < 1_700_000, `${bytes} bytes`);
  ana.replies('LIST 500');
  assert.match(ana.replyText() ?? '', /^5000 open\./);
});

test('a packed state of an earlier version gets defaults for missing fields', () => {
  const ana = createPager();
  ana.page('sales', 1, 'whatsapp', { cause: 'Disk full' });
  const { deferred: _deferred, next: _next, ...packed } = packPager(stateOf(ana.pager));
  const items = packed.items.map((item) => item.slice(0, 13));
  const earlier = JSON.parse(JSON.stringify({ ...packed, items })) as ReturnType<typeof packPager>;
  const restored = unpackPager(newPager('ana', ana.pager.settings, 'other'), earlier);
  assert.deepEqual([restored.deferred, restored.next, restored.uuid], [[], null, 'uuid']);
  const [item] = restored.items;
  assert.deepEqual(
    [item?.incident, item?.lastPage, item?.facts.name, item?.facts.cause],
    ['sales', 1, 'sales', undefined],
  );
});
