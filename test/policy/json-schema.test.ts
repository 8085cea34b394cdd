import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/policy/json-schema.js';
import { entries, isRecord, part } from '../../src/policy/reading.js';
import { filesUnder, read } from '../packaging/files.js';

const schema = jsonSchema();
const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
const accepts = (text: string): boolean => validate(parse(text));

/** The example file, and every whole file in a document. */
const examples = [
  { file: 'config/escalation.example.yaml', text: read('config/escalation.example.yaml') },
  ...['README.md', ...filesUnder('docs', '.md')].flatMap((file) =>
    [...read(file).matchAll(/^```yaml\n([^]*?)^```/gm)]
      .map(([, text = '']) => ({ file, text }))
      .filter(({ text }) => /^contacts:/m.test(text) && /^policies:/m.test(text)),
  ),
];

describe('the JSON Schema of the escalation file', () => {
  test('accepts every example', () => {
    const files = new Set(examples.map(({ file }) => file));
    for (const file of ['README.md', 'docs/on-call.md']) assert.ok(files.has(file), file);
    for (const { file, text } of examples) assert.ok(accepts(text), `${file}: ${JSON.stringify(validate.errors)}`);
  });

  const good = `contacts: { ana: { phone: "+15550000001" } }
schedules:
  data: { timezone: Europe/Berlin, rotation: { contacts: [ana], every: 1w, start: "2026-11-23T09:00" } }
policies: { default: { steps: [{ page: [schedule/data], by: sms, wait: 5m }], repeat: 1 } }
operators: [ana]
freshness: [{ items: { tag: gold }, by: "07:00", timezone: Europe/Berlin, days: [mon], shadow: true }]
flows: { every: 5m }
silences: []
labels: { who: true }
`;
  const wrong: [what: string, from: string, to: string, where: string][] = [
    ['an unknown key', 'operators:', 'operatoren:', ''],
    ['an unknown channel', 'by: sms', 'by: smoke', '/policies/default/steps/0/by'],
    ['a wait without unit', 'wait: 5m', 'wait: 5', '/policies/default/steps/0/wait'],
    ['a number without quotes', '"+15550000001"', '+15550000001', '/contacts/ana/phone'],
    ['a key that is no role', 'ana: {', 'Ana: {', '/contacts'],
    ['a policy without steps', 'steps: [', 'stairs: [', '/policies/default'],
    ['a rotation without contacts', 'contacts: [ana]', 'contacts: []', '/schedules/data/rotation/contacts'],
    ['operators that are no list', 'operators: [ana]', 'operators: ana', '/operators'],
    ['silences in the file', 'silences: []', 'silences: [{ item: Sales }]', '/silences'],
    ['flows that are a number', 'flows: { every: 5m }', 'flows: 5', '/flows'],
    ['a label for whom', 'who: true', 'who: ana', '/labels/who'],
    ['items without a pattern', '{ tag: gold }', '{}', '/freshness/0/items'],
    ['a promise by a time without quotes', '"07:00"', '700', '/freshness/0/by'],
    ['too many repetitions', 'repeat: 1', 'repeat: 21', '/policies/default/repeat'],
  ];
  test('accepts the file of the cases below', () => assert.ok(accepts(good), JSON.stringify(validate.errors)));
  for (const [what, from, to, where] of wrong)
    test(`refuses ${what}`, () => {
      assert.ok(good.includes(from));
      assert.equal(accepts(good.replace(from, to)), false);
      assert.ok(
        validate.errors?.some(({ instancePath }) => instancePath === where),
        JSON.stringify(validate.errors),
      );
    });

  test('says of every key what it must be', () => {
    const property = (of: unknown, key: string): unknown => part(part(of, 'properties'), key);
    assert.equal(part(property(schema, 'fallback'), 'description'), 'A contact key.');
    const [schedule] = entries(part(property(schema, 'schedules'), 'patternProperties'));
    const contacts = property(property(schedule?.[1], 'rotation'), 'contacts');
    assert.equal(part(contacts, 'description'), 'A list of contact keys, at least one.');
    const promise = part(property(schema, 'freshness'), 'items');
    assert.equal(part(property(promise, 'by'), 'description'), 'A time of day in quotes, such as "07:00".');
    assert.deepEqual(withoutDescription(schema, ''), []);
  });

  test('is plain JSON without an id of its own', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
    assert.doesNotMatch(JSON.stringify(schema), /"\$|"~/);
  });

  /** The paths of all properties that have none. */
  function withoutDescription(of: unknown, path: string): string[] {
    const properties = entries(part(of, 'properties'));
    const others = ['patternProperties', 'anyOf'].flatMap((keyword) => entries(part(of, keyword)));
    const items = part(of, 'items');
    return [
      ...properties.flatMap(([key, inner]) => (part(inner, 'description') === undefined ? [`${path}.${key}`] : [])),
      ...[...properties, ...others, ...(isRecord(items) ? [['[]', items] as [string, unknown]] : [])].flatMap(
        ([key, inner]) => withoutDescription(inner, `${path}.${key}`),
      ),
    ];
  }
});
