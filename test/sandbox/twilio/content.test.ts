import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import twilio from 'twilio';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { until } from '../../helpers/until.js';
import { accountSid, authToken, control, openWorld, ours, theirs, type World } from '../world.js';

const whatsapp = { from: `whatsapp:${ours}`, to: `whatsapp:${theirs}` };
const template = {
  friendly_name: 'a_page',
  language: 'en',
  variables: { 1: 'Sales', 2: '7' },
  types: {
    'twilio/quick-reply': {
      body: 'It failed: {{1}}. Reply {{2}} to take it, or tap.',
      actions: [
        { title: 'I take it', id: 'ACK' },
        { title: 'Again', id: 'R' },
      ],
    },
  },
};
const Created = Type.Object({ sid: Type.String() });

describe('the Content API', () => {
  let world: World;
  before(async () => {
    world = await openWorld({ settings: { whatsappWindow: 'enforced' } });
  });
  after(() => world.close());
  beforeEach(() => {
    world.receiver.received.length = 0;
  });

  const ask = async (path: string, body?: object, password = authToken): Promise<{ status: number; body: unknown }> => {
    const response = await fetch(`${world.sandbox.url}/v1/Content${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Basic ${btoa(`${accountSid}:${password}`)}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const as = <T extends TSchema>(schema: T, value: unknown): Static<T> => Value.Parse(schema, value);
  const create = async (more: object = {}): Promise<string> =>
    as(Created, (await ask('', { ...template, ...more })).body).sid;
  const submit = (sid: string, name = 'a_page') =>
    ask(`/${sid}/ApprovalRequests/whatsapp`, { name, category: 'UTILITY' });
  const approve = (sid: string) => control(world.sandbox, 'PUT', `templates/${sid}/approval`, { status: 'approved' });
  const onPhone = (sid: string) => world.sandbox.phones.get(theirs).messages.find((one) => one.sid === sid);

  test('keeps a template that the official client lists and fetches', async () => {
    const client = twilio(accountSid, authToken);
    client.content.baseUrl = world.sandbox.url;
    const sid = await create();
    assert.match(sid, /^HX[0-9a-f]{32}$/);
    const fetched = await client.content.v1.contents(sid).fetch();
    assert.deepEqual([fetched.friendlyName, fetched.language, fetched.types], ['a_page', 'en', template.types]);
    const [newest] = await client.content.v1.contents.list({ limit: 1 });
    assert.equal(newest?.sid, sid);
    const { whatsapp: approval } = await client.content.v1.contents(sid).approvalFetch().fetch();
    assert.equal(as(Type.Object({ status: Type.String() }), approval).status, 'unsubmitted');
  });

  test('lists all templates, page by page', async () => {
    const made = [await create(), await create(), await create()];
    const Page = Type.Object({ contents: Type.Array(Created), meta: Type.Object({ next_page_url: Type.Unknown() }) });
    const seen: string[] = [];
    for (let page = 0; ; page++) {
      const { contents, meta } = as(Page, (await ask(`?PageSize=2&Page=${page}`)).body);
      seen.push(...contents.map(({ sid }) => sid));
      if (meta.next_page_url === null) break;
    }
    assert.deepEqual(seen.slice(0, 3), made.toReversed());
    assert.equal(new Set(seen).size, seen.length);
  });

  const quick = template.types['twilio/quick-reply'];
  const wrong: [what: string, body: object][] = [
    ['no language', { ...template, language: undefined }],
    ['no type', { ...template, types: {} }],
    ['the names of the official client', { language: 'en', types: { twilioQuickReply: quick } }],
    ['no button', { ...template, types: { 'twilio/quick-reply': { ...quick, actions: [] } } }],
    [
      'a long title',
      { ...template, types: { 'twilio/quick-reply': { ...quick, actions: [{ title: 'x'.repeat(21) }] } } },
    ],
    ['a long body', { ...template, types: { 'twilio/quick-reply': { ...quick, body: 'x'.repeat(1025) } } }],
  ];
  for (const [what, body] of wrong)
    test(`refuses ${what}`, async () => {
      const answer = await ask('', body);
      assert.equal(answer.status, 400);
      assert.equal(as(Type.Object({ code: Type.Number(), message: Type.String() }), answer.body).code, 20001);
    });

  test('refuses a wrong token, and answers 404 for an unknown template', async () => {
    assert.equal((await ask('', template, 'wrong')).status, 401);
    assert.equal((await ask(`/HX${'f'.repeat(32)}`)).status, 404);
    assert.equal((await submit(`HX${'f'.repeat(32)}`)).status, 404);
  });

  test('submits a template to WhatsApp once, under a name that WhatsApp accepts', async () => {
    const sid = await create();
    assert.equal((await submit(sid, 'A Page')).status, 400);
    const answer = await submit(sid);
    assert.equal(answer.status, 201);
    assert.equal(as(Type.Object({ status: Type.String() }), answer.body).status, 'received');
    assert.equal((await submit(sid)).status, 400);
  });

  for (const [body, variables, reason] of [
    ['{{1}} failed, and somebody must take it', { 1: 'x' }, /begins or ends/],
    ['It failed, and somebody must take it: {{1}}', { 1: 'x' }, /begins or ends/],
    ['It failed: {{1}}\n{{2}} and somebody must take it now', { 1: 'x', 2: 'y' }, /side by side/],
    ['It failed: {{1}} and somebody must take it', { 1: ' ' }, /no sample/],
    ['Failed: {{1}}, {{2}}, {{3}}.', { 1: 'x', 2: 'y', 3: 'z' }, /too many variables/],
  ] as const)
    test(`has WhatsApp reject ${JSON.stringify(body)}`, async () => {
      const sid = await create({ variables, types: { 'twilio/quick-reply': { ...quick, body } } });
      const { status, rejection_reason } = as(
        Type.Object({ status: Type.String(), rejection_reason: Type.String() }),
        (await submit(sid)).body,
      );
      assert.equal(status, 'rejected');
      assert.match(rejection_reason, reason);
    });

  test('a message by template has its text and buttons, and opens a conversation once it is approved', async () => {
    world.sandbox.reset();
    world.sandbox.settings.whatsappWindow = 'enforced';
    const contentSid = await create();
    await submit(contentSid);
    const early = await world.client.messages.create({ ...whatsapp, contentSid });
    assert.equal(onPhone(early.sid)?.body, 'It failed: Sales. Reply 7 to take it, or tap.');
    await until('the refusal', () => onPhone(early.sid)?.errorCode === 63016);

    await approve(contentSid);
    const contentVariables = '{"1":"Finance","2":"8"}';
    const { sid } = await world.client.messages.create({ ...whatsapp, contentSid, contentVariables });
    await until('delivery', () => onPhone(sid)?.status === 'delivered');
    assert.equal(onPhone(sid)?.body, 'It failed: Finance. Reply 8 to take it, or tap.');
    assert.deepEqual(onPhone(sid)?.buttons, [
      { text: 'I take it', payload: 'ACK' },
      { text: 'Again', payload: 'R' },
    ]);
    await world.sandbox.phones.tap(theirs, { sid, payload: 'R', text: 'Again' });
    const { form } = await world.receiver.waitFor('the tap', (received) => received.form['ButtonPayload'] === 'R');
    assert.deepEqual([form['OriginalRepliedMessageSid'], form['Body']], [sid, 'Again']);
  });

  test('templates survive a reset', async () => {
    const sid = await create();
    world.sandbox.reset();
    assert.equal((await ask(`/${sid}`)).status, 200);
    assert.equal(
      (await control(world.sandbox, 'PUT', `templates/HX${'f'.repeat(32)}/approval`, { status: 'x' })).status,
      404,
    );
  });
});
