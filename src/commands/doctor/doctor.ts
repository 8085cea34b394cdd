import { parseArgs } from 'node:util';
import type { Env } from '../../config/env.js';
import { loadSettings } from '../../service/settings.js';
import { examine, type Finding } from './tableau-checks.js';
import { atDesk, openAdmin } from '../tableau-session.js';

const usage = `Usage: tableau-webhooks doctor [--json]

Looks at the way between Tableau and this service: server and API version, sign-in, what may be read, the Metadata API,
the webhooks that the routes need. Nothing is changed and nobody is paged. Ends with 0 when nothing failed, else 1.
`;

const marks: Record<Finding['status'], string> = { ok: 'ok', warning: 'warning', failed: 'FAILED', skipped: 'skipped' };

/** Gives the exit code. */
export async function doctor(env: Env, args: string[]): Promise<number> {
  const asked = understood(args);
  if (asked === 'help') return (process.stdout.write(usage), 0);
  if (typeof asked === 'string') return (process.stderr.write(`${asked}\n\n${usage}`), 2);
  return atDesk(env, asked.json, async ({ admin, config: administered, say, tell }) => {
    const { config, escalation } = loadSettings(env);
    const same = config.tableau.signIn.kind === administered.tableau.signIn.kind;
    const service = same ? admin : openAdmin(config);
    const findings: Finding[] = [];
    try {
      const adminByApp = administered.tableau.signIn.kind === 'jwt';
      for await (const finding of examine({ config, escalation, service, admin, adminByApp })) {
        findings.push(finding);
        say(`${marks[finding.status].padEnd(9)}${finding.check}: ${finding.says}`);
        if (finding.fix !== undefined) say(`${' '.repeat(9)}→ ${finding.fix}`);
      }
    } finally {
      if (!same) await service.signOut();
    }
    const failed = findings.filter(({ status }) => status === 'failed').length;
    tell({ ok: failed === 0, findings });
    say(failed === 0 ? '\nNothing failed.' : `\n${failed} of ${findings.length} failed.`);
    return failed === 0 ? 0 : 1;
  });
}

function understood(args: string[]): string | { json: boolean } {
  try {
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
    });
    return values.help ? 'help' : values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
