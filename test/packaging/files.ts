/** The files that build and run the service, parsed as the programs parse them that use them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const at = (path: string): string => join(root, path);
export const isThere = (path: string): boolean => existsSync(at(path));
export const read = (path: string): string => readFileSync(at(path), 'utf8');

/** JSON is YAML too. */
export const readYaml = <T extends TSchema>(schema: T, path: string): Static<T> =>
  Value.Parse(schema, parse(read(path), { merge: true }));

export const manifest = readYaml(
  Type.Object({
    version: Type.String(),
    engines: Type.Object({ node: Type.String() }),
    bin: Type.Record(Type.String(), Type.String()),
    scripts: Type.Record(Type.String(), Type.String()),
    dependencies: Type.Record(Type.String(), Type.String()),
  }),
  'package.json',
);

/** The commands of our command line. */
export const commands: readonly string[] = [
  ...read('src/main.ts').matchAll(/^ {2}(\w+): \{$|^ {2}(\w+): \{ summary:/gm),
].map(([, long, short]) => long ?? short ?? '');

const named = /\b(?:TABLEAU|TWILIO|WHATSAPP|TEMPORAL|EMBEDDED)_[A-Z_]*[A-Z]\b/g;

/** Every variable that the code names, but for Temporal's own and those that hold the path of a file with a secret. */
export function variables(): string[] {
  const sources = ['src/config/variables.ts', 'src/config/config.ts', 'src/config/tableau-sign-in.ts']
    .filter(isThere)
    .map(read)
    .join('\n');
  const [, schema = ''] = /Variables = Type\.Object\(\{([^]*?)\n\}\)/.exec(sources) ?? [];
  const inSchema = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name = '']) => name);
  const inText = (sources.match(named) ?? []).filter((name) => name !== 'TABLEAU_CA' && !name.startsWith('TEMPORAL_'));
  return [...new Set([...inSchema, ...inText])].filter((name) => !name.endsWith('_FILE') || name === 'ESCALATION_FILE');
}

/** The names that .env.example assigns. */
export const explained = (): string[] =>
  [...read('.env.example').matchAll(/^#? ?([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name);

/** All files under a directory of the repository, as paths from its root. */
export const filesUnder = (directory: string, ending: string): string[] =>
  readdirSync(at(directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => join(directory, file));

/** An environment that production takes, with numbers and accounts that do not exist. */
export const production = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://pager.example.com',
  API_TOKEN: 'Kq3vX9bT2mWz7LpR',
  TABLEAU_DOMAIN: 'tableau.example.com',
  TABLEAU_WEBHOOK_SECRET: 'Hd8sYc4nQf6uJe1a',
  TABLEAU_PAT_NAME: 'pager',
  TABLEAU_PAT_SECRET: 'Vb5gNx0kMo2tRw7i',
  TWILIO_ACCOUNT_SID: `AC${'0123456789abcdef'.repeat(2)}`,
  TWILIO_AUTH_TOKEN: '5f3a9c7e1b2d4860a4c8e6f0b1d3a597',
  TWILIO_FROM_NUMBER: '+15550009999',
  TWILIO_TO_NUMBER: '+15550000001',
  TEMPORAL_ADDRESS: 'temporal.example.com:7233',
};
