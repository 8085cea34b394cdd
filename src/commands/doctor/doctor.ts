import { parseArgs } from 'node:util';
import type { Env } from '../../config/variables.js';
import { misspelt } from '../../config/misspelt.js';
import { loadHalves, type Halves } from '../../config/halves.js';
import type { TableauSettings } from '../../config/parts.js';
import { loadEscalation } from '../../policy/load.js';
import { attempt } from '../../service/settings.js';
import { messageOf, type Finding } from './finding.js';
import { checkTableau, lacking } from './tableau-checks.js';
import { checkTwilio } from './twilio-checks.js';
import { openAdmin, preferAdminSignIn } from '../tableau-session.js';

const usage = `Usage: tableau-webhooks doctor [--json]

Checks the connection between Tableau and this service: server and API version, sign-in, rights, the Metadata API, and the
webhooks that the routes need. Then Twilio: account and credentials, number, WhatsApp sender and template, and the addresses for
incoming messages. Each half needs its own variables alone. Changes nothing and pages nobody. Exits with 0 when no check failed, else 1.
`;

const marks: Record<Finding['status'], string> = { ok: 'ok', warning: 'warning', failed: 'FAILED', skipped: 'skipped' };

/** Gives the exit code. */
export async function doctor(env: Env, args: string[]): Promise<number> {
  const options = parse(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') return (process.stderr.write(`${options}\n\n${usage}`), 2);
  const { json } = options;
  const print = (text: string) => void (json || process.stdout.write(`${text}\n`));
  const printJson = (value: object) => void (json && process.stdout.write(`${JSON.stringify(value, null, 2)}\n`));
  const findings: Finding[] = [];
  try {
    for await (const finding of checks(env)) {
      findings.push(finding);
      print(`${marks[finding.status].padEnd(9)}${finding.check}: ${finding.message}`);
      if (finding.fix !== undefined) print(`${' '.repeat(9)}→ ${finding.fix}`);
    }
  } catch (error) {
    if (!json) throw error;
    printJson({ problem: messageOf(error) });
    return 1;
  }
  const failed = findings.filter(({ status }) => status === 'failed').length;
  printJson({ ok: failed === 0, findings });
  print(failed === 0 ? '\nNothing failed.' : `\n${failed} of ${findings.length} failed.`);
  return failed === 0 ? 0 : 1;
}

/** Each half needs its own variables alone. */
async function* checks(env: Env): AsyncGenerator<Finding> {
  const halves = loadHalves(env);
  const { tableau, twilio, publicUrl, others } = halves;
  if ('problems' in tableau) yield lacking('variables of Tableau', tableau.problems);
  else yield* ofTableau(env, halves, tableau.value);
  if ('problems' in twilio) yield lacking('variables of Twilio', twilio.problems);
  else yield* checkTwilio({ twilio: twilio.value, publicUrl: 'value' in publicUrl ? publicUrl.value : null });
  const hints = misspelt(env);
  if (others.length + hints.length > 0)
    yield { ...lacking('other variables', [...others, ...hints]), status: 'warning' };
}

async function* ofTableau(env: Env, halves: Halves, tableau: TableauSettings): AsyncGenerator<Finding> {
  const preferred = loadHalves(preferAdminSignIn(env)).tableau;
  const administered = 'value' in preferred ? preferred.value : tableau;
  const admin = openAdmin(administered);
  const same = tableau.signIn.kind === administered.signIn.kind;
  const service = same ? admin : openAdmin(tableau);
  // Its routes alone are looked at, and they do not depend on numbers.
  const file = env.ESCALATION_FILE?.trim();
  const escalation = attempt(() =>
    loadEscalation({ ...(file && { escalationFile: file }), defaultContact: {}, whatsappFrom: 'any' }),
  );
  const adminByApp = administered.signIn.kind === 'jwt';
  try {
    yield* checkTableau({ ...halves, tableau, escalation, service, admin, adminByApp });
  } finally {
    await admin.signOut();
    if (!same) await service.signOut();
  }
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
