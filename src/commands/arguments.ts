/** What the commands do with their arguments. */
import type { Env } from '../config/variables.js';

/** Takes the environment and the arguments, and gives the exit code: 2 for wrong arguments. */
export type Command = (env: Env, args: string[]) => Promise<number>;

/** A command that knows `--help` and refuses every other argument. */
export const withoutArguments =
  (name: string, usage: string, run: (env: Env) => Promise<number>): Command =>
  async (env, args) => {
    if (args.length === 0) return run(env);
    if (['--help', '-h'].includes(args.join(' '))) return (process.stdout.write(usage), 0);
    process.stderr.write(`${name} takes no arguments.\n\n${usage}`);
    return 2;
  };
