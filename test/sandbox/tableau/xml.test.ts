import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addFlow, addItem } from '../../helpers/tableau-items.js';
import { openWorld, pat, type World } from '../world.js';

describe("Tableau's XML", () => {
  let world: World;
  let token = '';
  before(async () => {
    world = await openWorld();
  });
  after(() => world.close());
  const send = async (method: string, path: string, body?: string) => {
    const response = await fetch(`${world.sandbox.url}/api/3.25${path}`, {
      method,
      headers: { 'content-type': 'application/xml', 'x-tableau-auth': token },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };
  const site = () => `/sites/${world.sandbox.siteLuid}`;

  test('signs in, and manages a webhook, by requests and answers in XML', async () => {
    const credentials = `personalAccessTokenName="${pat.name}" personalAccessTokenSecret="${pat.secret}"`;
    const body = `<tsRequest><credentials ${credentials}><site contentUrl="" /></credentials></tsRequest>`;
    const signedIn = await send('POST', '/auth/signin', body);
    assert.deepEqual([signedIn.status, signedIn.type], [200, 'application/xml;charset=UTF-8']);
    assert.match(signedIn.text, /^<\?xml [^>]+\?><tsResponse xmlns="http:\/\/tableau\.com\/api" [^>]+><credentials /);
    assert.match(signedIn.text, new RegExp(`<site id="${world.sandbox.siteLuid}" contentUrl=""/>`));
    token = / token="([^"]+)"/.exec(signedIn.text)?.[1] ?? '';

    const url = `${world.receiver.url}/notifier`;
    const destination = `<webhook-destination><webhook-destination-http method="POST" url="${url}"/></webhook-destination>`;
    const created = await send(
      'POST',
      `${site()}/webhooks`,
      `<tsRequest><webhook name="A &amp; B" event="WorkbookRefreshFailed">${destination}</webhook></tsRequest>`,
    );
    assert.equal(created.status, 201);
    assert.match(
      created.text,
      /<webhook id="[^"]+" name="A &amp; B" isEnabled="true" .*event="WorkbookRefreshFailed">/,
    );
    assert.match(created.text, /<webhook-source><webhook-source-event-workbook-refresh-failed\/><\/webhook-source>/);
    const id = /<webhook id="([^"]+)"/.exec(created.text)?.[1] ?? '';
    const listed = await send('GET', `${site()}/webhooks`);
    assert.match(listed.text, new RegExp(`<webhooks><webhook id="${id}"`));
    const disabled = await send(
      'PUT',
      `${site()}/webhooks/${id}`,
      '<tsRequest><webhook isEnabled="false"/></tsRequest>',
    );
    assert.match(disabled.text, /isEnabled="false" statusChangeReason="Webhook disabled by user"/);
    const tested = await send('GET', `${site()}/webhooks/${id}/test`);
    assert.match(tested.text, /<webhookTestResult id="[^"]+" status="200"><body>&lt;Response\/&gt;<\/body>/);
    assert.equal((await send('DELETE', `${site()}/webhooks/${id}`)).status, 204);
  });

  test('answers errors, faults and lists in XML', async () => {
    const unknown = await send('GET', `${site()}/workbooks/none`);
    assert.match(unknown.text, /<error code="404006"><summary>Resource Not Found<\/summary><detail>[^<]+<\/detail>/);
    assert.match((await send('POST', '/auth/signin', '<tsRequest>')).text, /<error code="400000">/);
    world.sandbox.faults.add({ target: 'tableau', code: 429000 });
    assert.match((await send('GET', '/serverinfo')).text, /<error code="429000">/);
    const info = await send('GET', '/serverinfo');
    assert.match(info.text, /<productVersion build="[^"]+">2025\.1\.0<\/productVersion><restApiVersion>3\.25</);
    assert.match(
      (await send('GET', `${site()}/workbooks`)).text,
      /<pagination [^>]+ totalAvailable="0"\/><workbooks\/>/,
    );
  });

  test('answers tasks and flow runs in XML', async () => {
    const schedule = { kind: 'cloud', frequency: 'Weekly', nextRunAt: Date.parse('2030-01-06T05:30:00Z') } as const;
    const sales = addItem(world.sandbox, { kind: 'workbook', name: 'Sales', schedule });
    assert.match(
      (await send('GET', `${site()}/tasks/extractRefreshes`)).text,
      new RegExp(
        '<tasks><task><extractRefresh id="[^"]+" priority="50" consecutiveFailedCount="0" type="RefreshExtractTask">' +
          '<schedule frequency="Weekly" nextRunAt="2030-01-06T05:30:00Z"><frequencyDetails start="05:30:00"><intervals>' +
          `<interval weekDay="Sunday"/></intervals></frequencyDetails></schedule><workbook id="${sales.luid}"/>`,
      ),
    );
    const flow = addFlow(world.sandbox, { name: 'Clean', luid: 'flow' });
    world.sandbox.flows.ended(flow, 'Failed', { notes: 'No <input>' });
    const runs = (await send('GET', `${site()}/flows/runs`)).text;
    assert.match(runs, /<flowRuns><flowRuns id="[^"]+" flowId="flow" status="Failed" startedAt="[^"]+Z"/);
    const [, job = ''] = /backgroundJobId="([^"]+)"/.exec(runs) ?? [];
    assert.match(
      (await send('GET', `${site()}/jobs/${job}`)).text,
      /<runFlowJobType flowRunId="[^"]+"><notes>No &lt;input&gt;<\/notes><flow id="flow" name="Clean"\/>/,
    );
  });
});
