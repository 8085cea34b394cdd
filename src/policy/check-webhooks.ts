/** What is wrong with the outgoing webhooks of an escalation file beyond their form, and what may be. */
import { isIP } from 'node:net';
import { isPublicAddress } from '../config/public-addresses.js';
import { entries, isRecord, part, spell, type Problem } from './reading.js';
import type { Escalation } from './route.js';
import type { Path } from './source.js';
import { suggestion } from './suggest.js';
import { mostWebhooks, urlProblem } from './webhooks.js';

export function webhookProblems(value: unknown): Problem[] {
  const all = entries(part(value, 'webhooks'));
  const tooMany =
    all.length > mostWebhooks
      ? [{ path: ['webhooks'], text: `webhooks: there are ${all.length}; at most ${mostWebhooks} are possible.` }]
      : [];
  return [
    ...tooMany,
    ...all.flatMap(([name, entry]) => {
      const path = ['webhooks', name];
      return isRecord(entry)
        ? [...keysOf(entry, path), ...addressOf(entry, path), ...policiesOf(value, entry, path)]
        : [];
    }),
  ];
}

/** PagerDuty has a key and an address of its own; all others have an address, and may be signed. */
function keysOf(entry: Record<string, unknown>, path: Path): Problem[] {
  const has = (key: string): boolean => Object.hasOwn(entry, key);
  const isPagerDuty = entry['as'] === 'pagerduty';
  const texts = isPagerDuty
    ? [
        ...(has('key') ? [] : [`"key" is missing; it must be a variable of the environment with the routing key.`]),
        ...(has('secret') ? ['"secret" has no effect: PagerDuty knows the sender by the key.'] : []),
      ]
    : [
        ...(has('url') ? [] : ['"url" is missing; it must be an address, or a variable of the environment.']),
        ...(has('key') ? ['"key" is for "as: pagerduty" alone.'] : []),
      ];
  return texts.map((text) => ({ path, text: `${spell(path)}: ${text}` }));
}

function addressOf(entry: Record<string, unknown>, path: Path): Problem[] {
  const { url } = entry;
  if (typeof url !== 'string' || !/^https?:/.test(url)) return [];
  const at = [...path, 'url'];
  const isPrivate = entry['private'] === true;
  const wrong = urlProblem(url, isPrivate);
  if (wrong !== null) return [{ path: at, text: `${spell(at)} must be ${wrong}.` }];
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  const isOurs = host === 'localhost' || (isIP(host) !== 0 && !isPublicAddress(host));
  if (isPrivate || !isOurs) return [];
  return [{ path: at, text: `${spell(at)} is a private address: that needs "private: true".` }];
}

function policiesOf(value: unknown, entry: Record<string, unknown>, path: Path): Problem[] {
  const known = entries(part(value, 'policies')).map(([name]) => name);
  return entries(entry['policies']).flatMap(([at, policy]): Problem[] => {
    if (typeof policy !== 'string' || policy === '' || known.includes(policy)) return [];
    const where = [...path, 'policies', at];
    const text = `${spell(where)} names the policy "${policy}", which is not there; ${suggestion(policy, known)}`;
    return [{ path: where, text }];
  });
}

export const webhookWarnings = ({ webhooks = {} }: Escalation): Problem[] =>
  Object.entries(webhooks).flatMap(([name, { as, url, secret }]): Problem[] => {
    const path = ['webhooks', name];
    if ((as === 'slack' || as === 'teams') && !url.startsWith('$'))
      return [
        {
          path: [...path, 'url'],
          text: `the address of webhook "${name}" is a secret, for whoever has it can post: write a variable of the environment in its place.`,
        },
      ];
    if (as === 'standard' && secret === undefined)
      return [{ path, text: `webhook "${name}" has no secret: its receiver cannot tell who has posted.` }];
    return [];
  });
