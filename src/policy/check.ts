import type { TLocalizedValidationError } from 'typebox/error';
import { allErrors } from '../config/config-error.js';
import { parseDuration } from './duration.js';
import { channelTraits } from '../workflows/channels.js';
import { channels } from '../workflows/contract.js';
import { bareNumber, withoutVariant } from '../config/phone-numbers.js';
import { mustBe } from './expected.js';
import { flowProblems, promiseProblems } from './freshness/check-promises.js';
import { routeProblems } from './check-routes.js';
import { webhookProblems } from './check-webhooks.js';
import { referenceProblem, scheduleProblems, zone } from './check-schedules.js';
import { entries, isRecord, knownContacts, part, spell, type Problem } from './reading.js';
import { keysAt } from './schema-keys.js';
import { quietProblems } from './quiet-hours.js';
import { bounds, EscalationFile, expected, keyRule, severities } from './schema.js';
import { isReference, ownerReference, scheduleReference } from '../workflows/references.js';
import type { Path } from './source.js';
import { didYouMean, suggestion } from './suggest.js';

/** Everything that is wrong with the value of an escalation file. A malformed part does not hide the problems of others. */
export function problemsIn(value: unknown): Problem[] {
  const found = [
    ...shape(value),
    ...lengths(value, []),
    ...reserved(value),
    ...withoutAddress(value),
    ...numbers(value),
    ...steps(value),
    ...fallback(value),
    ...operators(value),
    ...routeProblems(value),
    ...scheduleProblems(value),
    ...promiseProblems(value),
    ...flowProblems(value),
    ...webhookProblems(value),
    ...tableauNames(value),
    ...quietProblems(value),
    ...entries(part(value, 'contacts')).flatMap(([key, contact]) => zone(contact, ['contacts', key])),
  ];
  const seen = new Set<string>();
  return found.filter(({ path, text }) => {
    const key = JSON.stringify([path, text]);
    return !seen.has(key) && seen.add(key);
  });
}

function shape(value: unknown): Problem[] {
  const problems = new Map<string, Problem[]>();
  const errors = allErrors(EscalationFile, value);
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf').map(({ instancePath }) => instancePath);
  // Of a part with several forms that has one of them, what is wrong within it is reported alone.
  const within = new Set(unions.filter((at) => errors.some(({ instancePath }) => instancePath.startsWith(`${at}/`))));
  for (const error of errors) {
    if (within.has(error.instancePath)) continue;
    if (!problems.has(error.instancePath)) problems.set(error.instancePath, []);
    const at = problems.get(error.instancePath);
    const next = describe(error);
    // Of several errors in one place only the first is reported, apart from missing keys, each of which is a problem of its own.
    if (at && (at.length === 0 || error.keyword === 'required'))
      at.push(...(error.keyword === 'enum' ? next.map((problem) => withSuggestion(problem, value)) : next));
  }
  return [...problems.values()].flat();
}

function describe(error: TLocalizedValidationError): Problem[] {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replace(/~1/g, '/').replace(/~0/g, '~'));
  const last = path.at(-1) ?? '';
  if (error.keyword === 'additionalProperties') return [];
  if (error.keyword === 'required') {
    return error.params.requiredProperties.map((name) => ({
      path,
      text: `${spell(path)}: "${name}" is missing; it must be ${expected[name] ?? 'there'}.`,
    }));
  }
  // TypeBox reports an unknown key twice: with the path of the key, and with the path of its map (dropped above).
  if (error.keyword === 'boolean') {
    const [parent = ''] = path;
    return path.length === 2 &&
      (parent === 'contacts' || parent === 'policies' || parent === 'schedules' || parent === 'webhooks')
      ? [{ path, text: `${parent}: "${last}" cannot be a key: ${keyRule}.` }]
      : [{ path, text: unknownKey(path.slice(0, -1), last) }];
  }
  return [{ path, text: `${spell(path)} must be ${mustBe(path) ?? 'a map with contacts and policies'}.` }];
}

/** The severity that a word may have meant. */
function withSuggestion({ path, text }: Problem, value: unknown): Problem {
  const word = path.at(-1) === 'severity' ? path.reduce(part, value) : undefined;
  const near = typeof word === 'string' ? didYouMean(word, severities) : null;
  return { path, text: near === null ? text : `${text.replace(/\.$/, '')}; ${near}` };
}

function unknownKey(path: Path, key: string): string {
  const near = didYouMean(key, keysAt(path));
  return `unknown key "${key}" in ${spell(path)}${near === null ? '.' : `; ${near}`}`;
}

function lengths(value: unknown, path: Path): Problem[] {
  // YAML can hold itself, by an alias inside its anchor; nothing of ours lies deeper than this.
  if (path.length > 6) return [];
  return entries(value).flatMap(([key, inner]) => {
    const at = [...path, key];
    const limits = Object.hasOwn(bounds, key) ? bounds[key] : undefined;
    if (typeof inner !== 'string' || !limits) return lengths(inner, at);
    const [least, most] = limits.map(parseDuration);
    const is = parseDuration(inner);
    const good = is === null || (is >= (least ?? 0) && is <= (most ?? Infinity));
    return good ? [] : [{ path: at, text: `${spell(at)} must be ${expected[key] ?? ''}.` }];
  });
}

/** A contact of this key could not be told from the owner of the item. */
function reserved(value: unknown): Problem[] {
  if (!knownContacts(value).includes(ownerReference)) return [];
  const text = `contacts: "${ownerReference}" cannot be a key: in a step it means the owner of the item.`;
  return [{ path: ['contacts', ownerReference], text }];
}

function withoutAddress(value: unknown): Problem[] {
  return entries(part(value, 'contacts')).flatMap(([key, contact]): Problem[] => {
    if (!isRecord(contact) || Object.hasOwn(contact, 'whatsapp') || Object.hasOwn(contact, 'phone')) return [];
    if (Object.keys(contact).length === 0) return [];
    const path = ['contacts', key];
    return [{ path, text: `${spell(path)} has no address: it needs whatsapp, phone or both.` }];
  });
}

function numbers(value: unknown): Problem[] {
  const owners = new Map<string, string>();
  return entries(part(value, 'contacts')).flatMap(([key, contact]) =>
    ['whatsapp', 'phone'].flatMap((kind): Problem[] => {
      const number = part(contact, kind);
      if (typeof number !== 'string') return [];
      const plain = withoutVariant(bareNumber(number));
      const owner = owners.get(plain) ?? key;
      owners.set(plain, owner);
      const path = ['contacts', key, kind];
      return owner === key ? [] : [{ path, text: `${spell(path)}: the number is that of contact "${owner}" too.` }];
    }),
  );
}

function steps(value: unknown): Problem[] {
  const contacts = part(value, 'contacts');
  const known = knownContacts(value);
  return entries(part(value, 'policies')).flatMap(([name, policy]) =>
    entries(part(policy, 'steps')).flatMap(([index, step]) => {
      const by = part(step, 'by');
      const channel = channels.find((one) => one === by);
      const address = channel === undefined ? null : channelTraits[channel].address;
      const page = entries(part(step, 'page')).map(([, key]) => key);
      return page.flatMap((key, at): Problem[] => {
        if (typeof key !== 'string') return [];
        const path = ['policies', name, 'steps', index, 'page', String(at)];
        const pages = `policy "${name}" pages "${key}"`;
        if (page.indexOf(key) < at) return [{ path, text: `${pages} twice in one step.` }];
        if (isReference(key)) {
          const problem = referenceProblem(value, key, by);
          return problem === null ? [] : [{ path, text: `${pages}: ${problem}` }];
        }
        if (!known.includes(key)) return [{ path, text: `${pages}, who is no contact; ${meant(value, key)}` }];
        const contact = part(contacts, key);
        if (address === null || !isRecord(contact) || Object.hasOwn(contact, address)) return [];
        return [{ path, text: `${pages} by ${String(by)}, but that contact has no "${address}".` }];
      });
    }),
  );
}

/** Two contacts cannot be the same user of Tableau. The log shows the sentence, so it does not name the user. */
function tableauNames(value: unknown): Problem[] {
  const users = new Map<string, string>();
  return entries(part(value, 'contacts')).flatMap(([key, contact]) =>
    entries(part(contact, 'tableau')).flatMap(([at, name]): Problem[] => {
      if (typeof name !== 'string') return [];
      const user = name.toLowerCase();
      const other = users.get(user) ?? key;
      users.set(user, other);
      const path = ['contacts', key, 'tableau', at];
      return other === key ? [] : [{ path, text: `${spell(path)} is a name of contact "${other}" too.` }];
    }),
  );
}

/** What an entry of a step may mean that is no contact. */
function meant(value: unknown, key: string): string {
  const schedules = entries(part(value, 'schedules')).map(([name]) => name);
  if (schedules.includes(key)) return `did you mean "${scheduleReference(key)}"?`;
  const references = [...schedules.map(scheduleReference), ownerReference];
  return didYouMean(key, [...knownContacts(value), ...references]) ?? suggestion(key, knownContacts(value));
}

const fallback = (value: unknown): Problem[] => contactNamed(value, part(value, 'fallback'), ['fallback'], 'fallback');

const operators = (value: unknown): Problem[] =>
  entries(part(value, 'operators')).flatMap(([at, key]) => contactNamed(value, key, ['operators', at], 'operators'));

function contactNamed(value: unknown, key: unknown, path: Path, where: string): Problem[] {
  const known = knownContacts(value);
  if (typeof key !== 'string' || key === '' || known.includes(key)) return [];
  return [{ path, text: `${where} names "${key}", who is no contact; ${suggestion(key, known)}` }];
}
