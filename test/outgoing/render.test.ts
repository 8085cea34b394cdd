import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { renderNext } from '../../src/outgoing/render.js';
import { webhookForms, type WebhookForm } from '../../src/policy/webhooks.js';
import { changeTypes } from '../../src/workflows/change-types.js';
import type { IncidentChange } from '../../src/workflows/webhook-contract.js';
import { change, endpoint, named, publicUrl } from './changes.js';

const render = (as: WebhookForm, ...changes: IncidentChange[]) => {
  const { id, body, changes: taken } = renderNext(endpoint(as), changes, publicUrl);
  assert.ok(body !== null);
  return { id, body: JSON.parse(body), sizeBytes: Buffer.byteLength(body), taken: taken.length };
};

/** Names, projects and causes as nobody should give them. */
const odd: Record<string, string> = {
  markup:
    '<b>Sales</b> & <!channel> <https://evil.example.com|here> [x](https://evil.example.com) **bold** `code` |a|b|',
  'right-to-left': '\u202Eselas\u202C \u05DE\u05DB\u05D9\u05E8\u05D5\u05EA \u200F',
  long: 'x'.repeat(300),
  'long, in many bytes': '\u{1F4C8}\u6F22'.repeat(150),
  'control characters': 'a\u0000b\r\nWorks again: "Other"\u0007',
  'a phone number': 'Sales call +1 555 010 0001',
  empty: '',
};

describe('every form of every change with odd names', () => {
  for (const [what, text] of Object.entries(odd))
    test(what, () => {
      for (const as of webhookForms)
        for (const type of changeTypes) {
          const one = change(type, named(text, { project: text, cause: text, by: 'ana', until: 1_800_000_000_000 }));
          const { body } = renderNext(endpoint(as), [one], publicUrl);
          if (body === null) assert.deepEqual([as, type], ['pagerduty', 'handed-over']);
          else assert.ok(Buffer.byteLength(body) < 20_000 && JSON.parse(body) !== null);
        }
    });

  test('texts for people have no phone number, and no address but ours', () => {
    for (const as of ['slack', 'teams'] as const)
      for (const text of Object.values(odd)) {
        const { body } = render(as, change('triggered', named(text, { project: text, cause: text })));
        assert.doesNotMatch(JSON.stringify(body), /evil|0100001|555 010|\u202E/u, text);
      }
  });
});

describe('Slack', () => {
  const SlackBody = Type.Object({
    text: Type.String({ minLength: 1, maxLength: 400 }),
    blocks: Type.Array(
      Type.Object({
        type: Type.Literal('section'),
        text: Type.Object({
          type: Type.Literal('mrkdwn'),
          // Otherwise Slack makes mentions and links of plain words.
          verbatim: Type.Literal(true),
          text: Type.String({ minLength: 1, maxLength: 3_000 }),
        }),
      }),
      { minItems: 1, maxItems: 1 },
    ),
  });
  const textOf = (...changes: IncidentChange[]) => {
    const { body, taken } = render('slack', ...changes);
    assert.ok(Value.Check(SlackBody, body), JSON.stringify(body));
    return { text: body.text, section: body.blocks[0]?.text.text ?? '', taken };
  };

  test('leaves an address of ours as it is', () => {
    const base = 'https://pager.example.com/~data/_pager';
    const { body } = renderNext(endpoint('slack'), [change(), change('recovered', {}, 2)], base);
    const links = [...(body ?? '').matchAll(/<(https:[^|]*)\|Open>/g)].map(([, link]) => link);
    assert.deepEqual(links, Array(2).fill(`${base}/incidents/refresh%3Asite%3Asales`));
  });

  test('says what broke, where and why, with a link', () => {
    const { text, section } = textOf(change());
    assert.equal(text, 'Refresh failed: Workbook "Sales" in Finance/Daily. The disk is full.');
    assert.equal(
      section,
      ':red_circle: *Refresh failed*: Workbook "Sales" in Finance/Daily. The disk is full. <https://pager.example.com/incidents/refresh%3Asite%3Asales|Open>',
    );
  });

  test('says who has it, and how it ended', () => {
    assert.match(textOf(change('acknowledged', { by: 'ana' })).text, /^Taken by ana: Workbook "Sales"/);
    assert.match(textOf(change('acknowledged', { by: 'api' })).text, /^Taken by a script: /);
    const until = Date.parse('2026-11-30T05:00:00Z');
    assert.match(textOf(change('snoozed', { by: 'ana', until })).text, /^Snoozed by ana until 2026-11-30 05:00 UTC: /);
    assert.match(textOf(change('recovered')).section, /^:large_green_circle: \*Works again\*: Workbook "Sales"/);
    assert.match(textOf(change('failed-again', { failures: 3 })).text, /^Failed again, 3 times by now: /);
  });

  test('a name cannot mention a channel, link to anything or format the text', () => {
    const { section } = textOf(change('triggered', named('<!channel> <@U1> *a* _b_ ~c~ `d` e_f & x')));
    assert.match(section, /"&lt;!channel&gt; &lt;U1&gt; a b c d e_f &amp; x"/);
    assert.equal(section.match(/</g)?.length, 1, section);
  });

  test('plain words of a name, a project or a cause mention nobody', () => {
    const words = '@channel @here (@everyone) a@b';
    const { text, section } = textOf(change('triggered', named(words, { project: words, cause: words })));
    for (const said of [text, section]) assert.doesNotMatch(said, /@(channel|here|everyone)/);
    assert.match(text, /"channel here \(everyone\)/);
  });

  test('names many changes in one text, and counts what has no room', () => {
    const many = Array.from({ length: 50 }, (_, n) =>
      change('triggered', named(`Item ${n} ${'x'.repeat(60)}`), 1, `s${n}`),
    );
    const { text, section, taken } = textOf(...many);
    assert.equal(taken, 50);
    assert.equal(text, '50 changes of incidents');
    const shown = section.split('\n').length - 1;
    assert.match(section, new RegExp(`\nand ${50 - shown} more: <https://pager.example.com/incidents\\|Incidents>$`));
    assert.ok(shown > 5);
  });
});

test('Teams gets an adaptive card whose Markdown is ours alone', () => {
  const { body } = render('teams', change('triggered', named('**a** [b](https://x.example.com)')), change('recovered'));
  const [attachment] = body.attachments;
  assert.equal(body.type, 'message');
  assert.equal(attachment.contentType, 'application/vnd.microsoft.card.adaptive');
  assert.equal(attachment.content.type, 'AdaptiveCard');
  const texts = attachment.content.body.map(({ text }: { text: string }) => text);
  assert.equal(texts[0], '2 changes of incidents');
  assert.match(texts[1], /^\*\*Refresh failed\*\*: Workbook "\\\*\\\*a\\\*\\\* /);
  assert.doesNotMatch(texts[1], /\]\(/);
  assert.match(texts.at(-1), /^\*\*Works again\*\*: Workbook "Sales"/);
  assert.equal(attachment.content.actions[0].url, 'https://pager.example.com/incidents');
});

test('Teams gets as many changes in one card as fit in 20 kB', () => {
  const long = '\u6F22'.repeat(300);
  const many = Array.from({ length: 50 }, (_, n) =>
    change('triggered', named(long, { project: long, cause: long }), 1, `s${n}`),
  );
  const { sizeBytes, taken } = render('teams', ...many);
  assert.ok(sizeBytes < 20_000 && taken > 1 && taken < 50, `${taken} in ${sizeBytes} bytes`);
});

describe('Standard Webhooks', () => {
  test('one change is one post, with the id of the change', () => {
    const { id, body, taken } = render(
      'standard',
      change('acknowledged', { state: 'acknowledged', by: 'ana' }, 7),
      change(),
    );
    assert.equal(taken, 1);
    assert.equal(id, 'aaaa-bbbb-7');
    assert.deepEqual(body, {
      type: 'incident.acknowledged',
      timestamp: '2026-11-30T03:00:00.000Z',
      data: {
        change: 'aaaa-bbbb-7',
        incident: 'refresh:site:sales',
        state: 'acknowledged',
        item: { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' },
        project: 'Finance/Daily',
        cause: 'The disk is full.',
        event: 'WorkbookRefreshFailed',
        failures: 1,
        firstFailedAt: '2026-11-30T02:59:00.000Z',
        lastFailedAt: '2026-11-30T02:59:00.000Z',
        by: 'ana',
        snoozedUntil: null,
        policy: 'default',
        severity: 'high',
        url: 'https://pager.example.com/incidents/refresh%3Asite%3Asales',
        tableauUrl: null,
      },
    });
  });
});

describe('Alertmanager', () => {
  test('fires while it is open, and resolves with the same fingerprint and labels', () => {
    const fired = render('alertmanager', change('acknowledged', { by: 'ana', state: 'acknowledged' })).body;
    const ended = render('alertmanager', change('recovered', { state: 'resolved' }, 2)).body;
    assert.deepEqual([fired.version, fired.status, ended.status], ['4', 'firing', 'resolved']);
    const [[firing], [resolved]] = [fired.alerts, ended.alerts];
    assert.equal(firing.endsAt, '0001-01-01T00:00:00Z');
    assert.equal(resolved.endsAt, '2026-11-30T03:00:00.000Z');
    assert.match(firing.fingerprint, /^[0-9a-f]{16}$/);
    assert.deepEqual([firing.fingerprint, firing.labels], [resolved.fingerprint, resolved.labels]);
    assert.equal(firing.annotations.by, 'ana');
  });

  test('has a group of its own for each incident, so that the end of one does not end others', () => {
    const [sales, stock] = ['sales', 'stock'].map((name, n) => change('triggered', { id: `refresh:site:${name}` }, n));
    assert.ok(sales && stock);
    const { body, taken } = render('alertmanager', sales, stock);
    assert.equal(taken, 1);
    assert.equal(body.groupKey, '{}:{incident="refresh:site:sales"}');
    assert.deepEqual(body.groupLabels, { incident: 'refresh:site:sales' });
    assert.deepEqual([body.commonLabels, body.commonAnnotations], [body.alerts[0].labels, body.alerts[0].annotations]);
    assert.notEqual(render('alertmanager', stock).body.groupKey, body.groupKey);
  });
});

describe('PagerDuty', () => {
  const actionOf = (type: IncidentChange['type']) => render('pagerduty', change(type)).body.event_action;

  test('triggers, acknowledges and resolves one alert', () => {
    const { body } = render('pagerduty', change('triggered', { severity: 'critical' }));
    assert.equal(body.routing_key, 'routing-key');
    assert.match(body.dedup_key, /^[0-9a-f]{64}$/);
    assert.equal(body.payload.severity, 'critical');
    assert.equal(body.payload.summary, 'Refresh failed: Workbook "Sales" in Finance/Daily. The disk is full.');
    assert.equal(render('pagerduty', change('recovered')).body.dedup_key, body.dedup_key);
    assert.deepEqual(
      ['triggered', 'failed-again', 'unacknowledged', 'triggered-again'].map((type) => actionOf(type as 'triggered')),
      Array.from({ length: 4 }, () => 'trigger'),
    );
    assert.deepEqual([actionOf('acknowledged'), actionOf('snoozed')], ['acknowledge', 'acknowledge']);
    for (const end of ['resolved', 'recovered', 'deleted', 'ignored', 'cancelled', 'forgotten'] as const)
      assert.equal(actionOf(end), 'resolve');
  });
});

test('the id of a post that names several changes is the same for the same changes, and no other', () => {
  const [one, two] = [change('triggered'), change('recovered', {}, 2)];
  const id = render('slack', one, two).id;
  assert.equal(render('slack', one, two).id, id);
  assert.notEqual(render('slack', one).id, id);
  assert.equal(render('slack', one).id, 'aaaa-bbbb-1');
  // A full stop would end it in what is signed.
  assert.doesNotMatch(id, /\./);
});
