import type { Command } from '../arguments.js';

interface Row {
  summary: string;
  load: () => Promise<Command>;
}

const subcommands: Record<string, Row> = {
  check: {
    summary: 'every problem of an escalation file, and what may be wrong with it',
    load: async () => (await import('./check.js')).check,
  },
  explain: {
    summary: 'which route an event takes, and who would be paged when',
    load: async () => (await import('./explain.js')).explain,
  },
  rehearse: {
    summary: 'the incidents of the last weeks as they were, and under this file',
    load: async () => (await import('./rehearse/rehearse.js')).rehearse,
  },
  schema: {
    summary: 'the JSON Schema of the escalation file, for editors',
    load: async () => (await import('./schema.js')).schema,
  },
};

const usage = `Usage: tableau-webhooks policy <${Object.keys(subcommands).join('|')}>

${Object.entries(subcommands)
  .map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`)
  .join('\n')}

Only rehearse and check --temporal read the environment (TEMPORAL_*). policy <subcommand> --help explains each.
`;

/** What an escalation file does, without the service. */
export const policy: Command = async (env, [name = '', ...args]) => {
  if (['--help', '-h'].includes(name)) return (process.stdout.write(usage), 0);
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (!subcommand) {
    process.stderr.write(`policy takes one of ${Object.keys(subcommands).join(', ')}.\n\n${usage}`);
    return 2;
  }
  const run = await subcommand.load();
  return run(env, args);
};
