/** The configuration for a check that needs the part of Tableau or of Twilio alone. */
import { publicAddress } from './addresses.js';
import { tableauSettings, twilioSettings, type TableauSettings, type TwilioSettings } from './parts.js';
import { problemsOf } from './problems.js';
import { webhookSecrets } from './rules.js';
import { unfoldSecretFiles } from './secret-files.js';
import { isProduction, present, type Env } from './variables.js';

/** A value, or the sentences about the variables that it lacks. */
export type Part<T> = { value: T } | { problems: string[] };

export interface Halves {
  tableau: Part<TableauSettings>;
  twilio: Part<TwilioSettings>;
  publicUrl: Part<string>;
  webhookSecrets: Part<string[]>;
  /** The problems of all other variables, of which neither half has need. */
  others: string[];
}

/** What there is of the configuration, for a check that needs one half alone. */
export function loadHalves(given: Env): Halves {
  const { env, problems: ofFiles } = unfoldSecretFiles(present(given));
  const problems = problemsOf(env, ofFiles);
  const part = <T>(owns: (name: string) => boolean, load: () => T): Part<T> => {
    const own = [...problems].filter(([name]) => owns(name));
    for (const [name] of own) problems.delete(name);
    return own.length > 0 ? { problems: own.map(([, problem]) => problem) } : { value: load() };
  };
  return {
    publicUrl: part(
      (name) => name === 'PUBLIC_URL',
      () => publicAddress(env.PUBLIC_URL ?? '', isProduction(env)) ?? '',
    ),
    webhookSecrets: part(
      (name) => name === 'TABLEAU_WEBHOOK_SECRET',
      () => webhookSecrets(env.TABLEAU_WEBHOOK_SECRET ?? ''),
    ),
    tableau: part(
      (name) => name.startsWith('TABLEAU_'),
      () => tableauSettings(env),
    ),
    twilio: part(
      (name) => name.startsWith('TWILIO_') && name !== 'TWILIO_TO_NUMBER',
      () => twilioSettings(env),
    ),
    others: [...problems.values()],
  };
}
