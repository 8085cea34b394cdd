import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createFetchCalendar } from '../../calendar/fetch.js';
import { holidayProblems } from '../../calendar/with-turns.js';
import type { Env } from '../../config/variables.js';
import { examine, type Examined } from '../../policy/load.js';
import { instantRule, parseInstant } from '../../policy/local-time.js';
import type { Problem } from '../../policy/reading.js';
import type { Escalation } from '../../policy/route.js';
import { inTextOrder, readSource, type Finding } from '../../policy/source.js';
import { warningsIn } from '../../policy/warnings/warnings.js';
import type { Command } from '../arguments.js';
import { reportOf, type Graded } from './report.js';

const usage = `Usage: tableau-webhooks policy check FILE [options]

Checks an escalation file without the service and its environment. Problems are what the service refuses at its start. Warnings are what
may be wrong: routes that are never reached, times of the next 28 days at which nobody or one contact for two is on call, and
what has no effect. All but the first are looked for once there are no problems. Holidays of promises are read once, by https, too.

  --at <time>  when the 28 days begin (now), such as 2026-12-24T18:00:00Z
  --temporal   warns, too, of contacts whom Twilio refuses by a channel of a policy, or who sent STOP: from Temporal
               (TEMPORAL_*), without a worker
  --strict     warnings, too, make it exit with 1
  --json       one JSON value instead of text: [{ "level", "line", "column", "text" }]

Exits with 0 when there is no problem, 1 when there is one or Temporal does not answer, 2 for wrong arguments.
`;

interface Options {
  file: string;
  at: number;
  temporal: boolean;
  strict: boolean;
  json: boolean;
}

export const check: Command = async (env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const { file, at, strict, json } = options;
  const examined = examineFile(file);
  const unreached = options.temporal ? await readUnreached(env, examined.escalation) : [];
  if (typeof unreached === 'string') return (process.stderr.write(`${unreached}\n`), 1);
  const holidays = await readHolidays(examined.escalation, at);
  const findings = findingsIn(examined, at, [...unreached, ...holidays]);
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : reportOf(file, findings, examined.escalation));
  return findings.some(({ level }) => level === 'error' || strict) ? 1 : 0;
};

/** A text says what is wrong. */
function optionsFrom(args: string[]): Options | string {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        at: { type: 'string' },
        temporal: { type: 'boolean', default: false },
        strict: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return 'policy check takes one file.';
    const at = values.at === undefined ? Date.now() : parseInstant(values.at);
    if (at === null) return `--at must be ${instantRule}.`;
    return { file, at, temporal: values.temporal, strict: values.strict, json: values.json };
  } catch (error) {
    return `policy check: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

/** A file that cannot be read has that one problem. */
function examineFile(file: string): Examined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const unreadable = { line: 1, column: 1, text: `the file cannot be read (${why}).` };
    return { source: readSource(''), problems: [unreadable], escalation: null };
  }
  return examine(file, text);
}

async function readUnreached(env: Env, escalation: Escalation | null): Promise<Problem[] | string> {
  if (escalation === null) return [];
  const loaded = await import('./unreached.js');
  return loaded.readUnreached(env, escalation);
}

async function readHolidays(escalation: Escalation | null, at: number): Promise<Problem[]> {
  return escalation === null ? [] : holidayProblems(escalation, createFetchCalendar({ timeoutMs: 5_000 }), at);
}

function findingsIn({ source, problems, escalation }: Examined, at: number, found: readonly Problem[]): Graded[] {
  const warnings = [...warningsIn(source.value, escalation, at), ...found].map(({ path, text }): Finding => ({
    ...source.positionOf(path),
    text,
  }));
  return inTextOrder([...problems.map(asLevel('error')), ...warnings.map(asLevel('warning'))]);
}

const asLevel =
  (level: Graded['level']) =>
  (finding: Finding): Graded => ({ level, ...finding });
