/** Labels against the sandbox's Tableau over real HTTP. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { createLabelActivities } from '../../src/activities/labels.js';
import type { Labels } from '../../src/policy/labels.js';
import { createTableauClient, type TableauConfig } from '../../src/tableau/rest/client.js';
import type { LabelInput } from '../../src/workflows/label-contract.js';
import type { SandboxOptions } from '../../sandbox/sandbox.js';
import { app, clientAt, pat, serverThat, tableauAnswering, tableauOutside } from './outside.js';

const text = 'Stale since 05:10. Times in UTC, 30 Nov 2026. (Tableau Webhooks)';
const taken = 'Stale since 05:10. Somebody has it since 05:14. Times in UTC, 30 Nov 2026. (Tableau Webhooks)';

function labelsAt(
  domain: string,
  config: Partial<TableauConfig> = {},
  inForce: Labels | undefined = { who: false, perMinute: 600 },
) {
  const { tableau, logger, logged } = clientAt(domain, config);
  const labels = createLabelActivities({ tableau, labels: () => inForce, logger });
  return { setLabel: (input: LabelInput) => labels.setLabel(input), logged };
}

/** A data source in Tableau, and what sets its label. */
async function orders(
  t: TestContext,
  {
    config,
    inForce,
    world,
  }: { config?: Partial<TableauConfig>; inForce?: Labels; world?: Partial<SandboxOptions> } = {},
) {
  const { sandbox, url } = await tableauOutside(t, {}, world);
  const { luid } = sandbox.panel.add({ kind: 'datasource', name: 'Orders' });
  const item = { kind: 'datasource', luid, name: 'Orders', site: sandbox.siteLuid } as const;
  const { setLabel, logged } = labelsAt(url, config, inForce);
  const set = (wanted: string | null, labelId: string | null = null) =>
    setLabel({ item, text: wanted, labelId, downstreamWorkbooks: 0 });
  const requests = () =>
    sandbox
      .requests({ target: 'tableau.labels' })
      .map(({ method, path }) => `${method} ${path.split('/').slice(5).join('/')}`);
  return { sandbox, url, luid, item, set, setLabel, logged, requests, shown: () => sandbox.labels.list(luid) };
}
const idOf = (result: { did: string; labelId?: string }): string => {
  assert.equal(result.did, 'set');
  return result.labelId ?? '';
};

describe('a label of ours', () => {
  test('is created after a look, read back, changed and removed by its id', async (t) => {
    const { set, shown, requests } = await orders(t);
    const id = idOf(await set(text));
    assert.deepEqual(shown(), [`Stale data: ${text} (Tableau Admin)`]);
    assert.deepEqual(requests(), ['POST labels', 'PUT labels', 'POST labels']);
    assert.deepEqual(await set(taken, id), { did: 'set', labelId: id });
    assert.deepEqual(shown(), [`Stale data: ${taken} (Tableau Admin)`]);
    assert.deepEqual(await set(null, id), { did: 'removed' });
    assert.deepEqual(shown(), []);
    assert.deepEqual(requests().slice(3), ['POST labels', `PUT labels/${id}`, 'POST labels', `DELETE labels/${id}`]);
  });

  test('is set once by the same request twice, also where the first one knows no result', async (t) => {
    const { set, shown, requests } = await orders(t);
    const first = await set(text);
    assert.deepEqual(await set(text), first);
    assert.equal(shown().length, 1);
    assert.equal(requests().filter((request) => request.startsWith('PUT')).length, 1);
    await set(null);
    assert.deepEqual(await set(null), { did: 'removed' });
  });

  test('says what it says beside a certification', async (t) => {
    const { sandbox, luid, set, shown } = await orders(t);
    sandbox.labels.set(luid, 'Checked.', { value: 'Certified' });
    const id = idOf(await set(text));
    assert.equal(shown().length, 2);
    await set(null, id);
    assert.deepEqual(shown(), ['Certified: Checked. (Sam Steward)']);
  });
});

describe('a label of somebody else', () => {
  test('is there before: nothing is changed, and nothing is removed at the end', async (t) => {
    const { sandbox, luid, set, shown, requests } = await orders(t);
    sandbox.labels.set(luid, 'Do not use.');
    assert.deepEqual(await set(text), { did: 'left', because: 'not-ours' });
    assert.deepEqual(await set(null), { did: 'removed' });
    assert.deepEqual(shown(), ['Warning: Do not use. (Sam Steward)']);
    assert.deepEqual(requests(), ['POST labels', 'POST labels']);
  });

  test('is that of our user without the marker, or with the marker by another user', async (t) => {
    const { sandbox, luid, set, shown } = await orders(t);
    sandbox.labels.set(luid, 'Set by hand.', { by: 'Tableau Admin' });
    assert.deepEqual(await set(text), { did: 'left', because: 'not-ours' });
    sandbox.labels.set(luid, text, { by: 'Sam Steward' });
    assert.deepEqual(await set(null), { did: 'removed' });
    assert.deepEqual(shown(), [`Warning: ${text} (Sam Steward)`]);
  });

  test("of Tableau's own monitoring keeps ours away", async (t) => {
    const { sandbox, luid, set, shown } = await orders(t);
    sandbox.labels.set(luid, 'The refresh failed.', { value: 'Extract refresh failed', by: 'Tableau' });
    assert.deepEqual(await set(text), { did: 'left', because: 'monitored' });
    assert.equal(shown().length, 1);
  });

  test('comes from an edit of ours, which is then theirs', async (t) => {
    const { sandbox, luid, set, shown } = await orders(t);
    const id = idOf(await set(text));
    sandbox.labels.set(luid, 'Loads again at nine.');
    assert.deepEqual(await set(taken, id), { did: 'left', because: 'not-ours' });
    assert.deepEqual(await set(null, id), { did: 'removed' });
    assert.deepEqual(shown(), ['Warning: Loads again at nine. (Sam Steward)']);
  });

  test('that replaces ours right after it was set is found when it is read back, and left', async (t) => {
    const seen: string[] = [];
    const theirs = {
      id: 'l-1',
      contentId: 'a',
      value: 'Warning',
      category: 'warning',
      message: 'No.',
      owner: { id: 'u-2' },
    };
    const domain = await serverThat(t, (request, response) => {
      const [method = '', path = ''] = request.split(' ');
      const what = path.split('/').at(-1) ?? '';
      seen.push(`${method} ${what}`);
      const reads = seen.filter((one) => one === 'POST labels').length;
      const list = reads < 2 ? {} : { label: theirs };
      const credentials = { token: 'token', site: { id: 'site' }, user: { id: 'u-1' } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(what === 'signin' ? { credentials } : { labelList: list }));
    });
    const { setLabel } = labelsAt(domain);
    const item = { kind: 'datasource', luid: 'a', name: 'Orders', site: '-' } as const;
    const result = await setLabel({ item, text, labelId: null, downstreamWorkbooks: 0 });
    assert.deepEqual(result, { did: 'left', because: 'not-ours' });
    assert.deepEqual(seen, ['POST signin', 'POST labels', 'GET labelValues', 'PUT labels', 'POST labels']);
  });
});

describe('a label that a person removed', () => {
  test('is not set again for the same incident, and its removal is no error', async (t) => {
    const { sandbox, luid, set, shown } = await orders(t);
    const id = idOf(await set(text));
    sandbox.labels.remove(luid);
    assert.deepEqual(await set(taken, id), { did: 'left', because: 'taken-away' });
    assert.deepEqual(await set(null, id), { did: 'removed' });
    assert.deepEqual(shown(), []);
  });
});

describe('Tableau without labels', () => {
  for (const [labels, refusal] of [
    ['unlicensed', /403004/],
    ['off', /404003/],
    ['read-only', /403004/],
  ] as const)
    test(`(${labels}) refuses, which is an alarm, once`, async (t) => {
      const { set, logged } = await orders(t, { world: { settings: { labels } } });
      for (let tries = 0; tries < 2; tries += 1) {
        const result = await set(text);
        assert.equal(result.did, 'refused');
        assert.match('why' in result ? result.why : '', refusal);
      }
      assert.equal(logged.filter((line) => line.includes('labels-refused')).length, 1);
    });

  test('of a version before labels refuses, and so does a connected app without their scopes', async (t) => {
    const old = await orders(t, { config: { apiVersion: '3.15' } });
    assert.equal((await old.set(text)).did, 'refused');
    const signIn = { kind: 'jwt', ...app, username: 'Ana', scopes: ['tableau:content:read'] } as const;
    const { set } = await orders(t, { config: { signIn }, world: { connectedApp: app } });
    assert.equal((await set(text)).did, 'refused');
  });

  test('does not know a deleted data source, which is no alarm', async (t) => {
    const { setLabel, item, logged } = await orders(t);
    const deleted = { ...item, luid: '0b1f4c1e-0000-4000-8000-000000000000' };
    const result = await setLabel({ item: deleted, text, labelId: null, downstreamWorkbooks: 0 });
    assert.deepEqual(result, { did: 'left', because: 'unknown-item' });
    assert.ok(!logged.some((line) => line.includes('labels-refused')));
  });

  test('that does not answer is tried again later', async (t) => {
    const { sandbox, set } = await orders(t);
    sandbox.faults.add({ target: 'tableau.labels', status: 503 });
    assert.deepEqual(await set(text), { did: 'later', why: 'Tableau answered 503000.' });
  });

  test('that shows labels without ids refuses: one that cannot be read must not pass for none', async (t) => {
    const domain = await tableauAnswering(t, {
      '/labels': { labelList: { label: [{ contentId: 'a', category: 'warning' }] } },
    });
    const { setLabel } = labelsAt(domain);
    const item = { kind: 'datasource', luid: 'a', name: 'Orders', site: '-' } as const;
    assert.equal((await setLabel({ item, text, labelId: null, downstreamWorkbooks: 0 })).did, 'refused');
  });
});

describe('a connected app', () => {
  test('sets labels in a session with the scopes of labels alone', async (t) => {
    const signIn = { kind: 'jwt', ...app, username: 'Ana' } as const;
    const { set, shown } = await orders(t, { config: { signIn }, world: { connectedApp: app } });
    const id = idOf(await set(text));
    assert.deepEqual(shown(), [`Stale data: ${text} (Ana)`]);
    assert.equal((await set(taken, id)).did, 'set');
    assert.deepEqual(await set(null, id), { did: 'removed' });
  });
});

describe('labels that are off in the file', () => {
  test('are not set, without any request, and what was set before is removed', async (t) => {
    const { url, item, set, shown, sandbox } = await orders(t);
    const id = idOf(await set(text));
    const before = sandbox.requests({ target: 'tableau' }).length;
    const off = createOff(url);
    const wanted = { item, text: taken, downstreamWorkbooks: 0 };
    assert.deepEqual(await off({ ...wanted, labelId: null }), { did: 'left', because: 'off' });
    assert.equal(sandbox.requests({ target: 'tableau' }).length, before);
    assert.deepEqual(await off({ ...wanted, labelId: id }), { did: 'left', because: 'off' });
    assert.deepEqual(shown(), []);
  });

  test('of another site are left', async (t) => {
    const { setLabel, item } = await orders(t);
    const elsewhere = { ...item, site: 'another' };
    const result = await setLabel({ item: elsewhere, text, labelId: null, downstreamWorkbooks: 0 });
    assert.deepEqual(result, { did: 'left', because: 'other-site' });
  });
});

function createOff(domain: string) {
  const logger = pino({ level: 'silent' });
  const usual = {
    domain,
    siteName: '',
    apiVersion: '3.25',
    sessionMinutes: 110,
    signIn: { kind: 'pat', ...pat },
  } as const;
  const tableau = createTableauClient(usual, { logger });
  const labels = createLabelActivities({ tableau, labels: () => undefined, logger });
  return (input: LabelInput) => labels.setLabel(input);
}
