import { parseArgs } from 'node:util';
import type { Env } from '../../config/variables.js';
import { loadSettings } from '../../service/settings.js';
import type { Finding } from './finding.js';
import { checkTableau } from './tableau-checks.js';
import { checkTwilio } from './twilio-checks.js';
import { withAdminSession, openAdmin } from '../tableau-session.js';

const usage = `Usage: tableau-webhooks doctor [--json]

Checks the connection between Tableau and this service: server and API version, sign-in, rights, the Metadata API, and the
webhooks that the routes need. Then Twilio: account and credentials, number, WhatsApp sender and template, and the addresses for
incoming messages. Changes nothing and pages nobody. Exits with 0 when no check failed, else 1.
`;

const marks: Record<Finding['status'], string> = { ok: 'ok', warning: 'warning', failed: 'FAILED', skipped: 'skipped' };

/** Gives the exit code. */
export async function doctor(env: Env, args: string[]): Promise<number> {
  const options = parse(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') return (process.stderr.write(`${options}\n\n${usage}`), 2);
  return withAdminSession(env, options.json, async ({ admin, config: administered, print, printJson }) => {
    const { config, escalation } = loadSettings(env);
    const same = config.tableau.signIn.kind === administered.tableau.signIn.kind;
    const service = same ? admin : openAdmin(config);
    const findings: Finding[] = [];
    const add = (finding: Finding): void => {
      findings.push(finding);
      print(`${marks[finding.status].padEnd(9)}${finding.check}: ${finding.message}`);
      if (finding.fix !== undefined) print(`${' '.repeat(9)}→ ${finding.fix}`);
    };
    try {
      const adminByApp = administered.tableau.signIn.kind === 'jwt';
      for await (const finding of checkTableau({ config, escalation, service, admin, adminByApp })) add(finding);
      for await (const finding of checkTwilio(config)) add(finding);
    } finally {
      if (!same) await service.signOut();
    }
    const failed = findings.filter(({ status }) => status === 'failed').length;
    printJson({ ok: failed === 0, findings });
    print(failed === 0 ? '\nNothing failed.' : `\n${failed} of ${findings.length} failed.`);
    return failed === 0 ? 0 : 1;
  });
}

function parse(args: string[]): string | { json: boolean } {
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
