/** Finds secrets that do not protect: placeholders, sequences, patterns, and one secret in two variables. Pure. */
import type { Env } from './variables.js';
import { guessBits } from './guess-bits.js';
import { secretNames, secretValues, type SecretName } from './secret-files.js';

/** Secrets that the operator chooses; Tableau, Twilio and Temporal issue the others. */
const chosen = new Set<SecretName>(['API_TOKEN', 'LINK_SECRET', 'TABLEAU_WEBHOOK_SECRET']);

/** The words of placeholders, also of those in our documents and tests. */
const words = new RegExp(
  [
    'replace|change|placeholder|example|sample|default|dummy|fixme|todo|insert|enter|write|here|this|with|your|real',
    'webhook|tableau|twilio|temporal|secret|password|passwd|token|bearer|auth|admin|letmein|welcome|qwerty|now',
    'long|random|string|value|keys?|tests?|testing|demo|sandbox|sesame|open|e2e|for|the|api|pat|me|my|xxx+',
    '(?:0?1234567890?|123456?|abc(?:def(?:gh)?)?)',
  ].join('|'),
  'gi',
);

/** What remains of a secret without the words of placeholders must have so many characters, and be so hard to guess. */
interface Least {
  characters: number;
  bits: number;
}
const least: Record<'chosen' | 'issued', Least> = {
  chosen: { characters: 8, bits: 25 },
  issued: { characters: 4, bits: 0 },
};

/** Why a secret is easy to guess, or undefined. */
function weaknessOf(secret: string, { characters, bits }: Least): string | undefined {
  if (new Set(secret).size < 5) return 'has fewer than 5 different characters';
  if (/^(.+?)\1+$/s.test(secret)) return 'is a pattern that repeats';
  const rest = secret.replace(words, '').replace(/[^\p{L}\p{N}]/gu, '');
  if (rest.length < characters && rest.length < secret.length) return 'is a placeholder';
  return guessBits(rest) < bits ? 'is a sequence or repeats itself' : undefined;
}

/** A sentence for each variable whose secret is weak, or is that of another variable too. */
export function weakSecrets(env: Env): string[] {
  const seen = new Map<string, SecretName>();
  return secretNames.flatMap((name) => {
    const values = secretValues(env, name);
    const weakness = values
      .map((value) => weaknessOf(value, chosen.has(name) ? least.chosen : least.issued))
      .find(Boolean);
    const twice = values.map((value) => seen.get(value)).find(Boolean);
    for (const value of values) seen.set(value, name);
    if (weakness !== undefined)
      return [
        `${name} ${weakness}, which is too weak for production: write ${chosen.has(name) ? 'a random one, e.g. from "openssl rand -hex 24"' : 'the real one'}.`,
      ];
    // During a rotation both names may hold the same token for a while.
    if (twice === undefined || (twice === 'TWILIO_AUTH_TOKEN' && name === 'TWILIO_AUTH_TOKEN_ALTERNATE')) return [];
    return [`${name} is the same as ${twice}, and who knows one would know both: write another one.`];
  });
}
