import { parseArgs } from 'node:util';
import { reportOf, type FreshnessReport, type ReportRow } from '../policy/freshness/report.js';
import type { Command } from './arguments.js';
import { freshnessReport } from './freshness-report.js';
import { readSites } from './freshness-sites.js';

const defaultLimit = 200;

const usage = `Usage: tableau-webhooks freshness [--late] [--limit <n>] [--json]
       tableau-webhooks freshness report [--since <duration>] [--json]

Every item that the escalation file promises data of (freshness: in docs/freshness.md), as the last look at Tableau found it: its last data,
when new data is due, its state and why it is late. What is late comes first. Where flows are watched, those whose last run failed. A worker
must run. "freshness report" is what was late in the last weeks, by promise.

  --late         only what is late
  --limit <n>    at most so many items (default ${defaultLimit})
  --json         as GET /freshness

Exits with 0 when nothing is late and no flow failed, 1 when something is, one did, or nothing is known, 2 for wrong arguments.
`;

interface Wanted {
  late: boolean;
  limit: number;
  json: boolean;
}

/** @throws ConfigError */
export const freshness: Command = async (env, args) => {
  const [subcommand, ...rest] = args;
  if (subcommand === 'report') return freshnessReport(env, rest);
  if (args.includes('--help') || args.includes('-h')) return (process.stdout.write(usage), 0);
  const wanted = wantedFrom(args);
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n\n${usage}`);
    return 2;
  }
  const sites = await readSites(env);
  const reports = sites.map(({ site, view }) => reportOf(site, view, wanted));
  process.stdout.write(wanted.json ? `${JSON.stringify({ sites: reports }, null, 2)}\n` : textOf(reports));
  return reports.length > 0 && reports.every(isWell) ? 0 : 1;
};

const isWell = ({ late, lookedAt, flows }: FreshnessReport): boolean =>
  late === 0 && lookedAt !== null && (flows === undefined || (flows.failed.length === 0 && flows.lookedAt !== null));

/** A text says what is wrong. */
function wantedFrom(args: string[]): Wanted | string {
  try {
    const { values } = parseArgs({
      args,
      options: { late: { type: 'boolean' }, json: { type: 'boolean' }, limit: { type: 'string' } },
    });
    const limit = Number(values.limit ?? defaultLimit);
    if (!Number.isSafeInteger(limit) || limit < 1) return '--limit takes a whole number from 1.';
    return { late: values.late === true, json: values.json === true, limit };
  } catch (error) {
    return `freshness: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

function textOf(reports: readonly FreshnessReport[]): string {
  if (reports.length === 0)
    return 'Nothing is promised or watched, or no worker has started since it is: see "freshness" and "flows" in the escalation file.\n';
  return reports.flatMap((report) => [...linesOf(report), '']).join('\n');
}

function linesOf({ site, lookedAt, nextLook, alarms, promised, late, flows, items }: FreshnessReport): string[] {
  const looked = lookedAt === null ? 'Tableau has not answered yet' : `as of ${shortTime(lookedAt)}`;
  return [
    `Site ${site}: ${late} of ${promised} promised items are late, ${looked}. Next look at ${shortTime(nextLook.at)}: ${nextLook.what}.`,
    ...alarms.map(({ code, since, text }) => `Alarm ${code} since ${shortTime(since)}: ${text}`),
    ...(flows ? flowLines(flows) : []),
    ...items.map(lineOf),
    ...(items.length < promised ? [`${items.length} of ${promised} items are shown.`] : []),
  ];
}

function flowLines({ lookedAt, failed }: NonNullable<FreshnessReport['flows']>): string[] {
  const looked = lookedAt === null ? 'Tableau has not answered yet' : `as of ${shortTime(lookedAt)}`;
  return [
    `Flows: ${failed.length} failed at their last run, ${looked}.`,
    ...failed.map(
      ({ item, failedAt, paged }) =>
        `  failed         ${item.name} (flow): its run of ${shortTime(failedAt)}${paged ? '' : '; nobody is paged'}`,
    ),
  ];
}

function lineOf({ item, project, promise, shadow, state, why, lastDataAt, nextDeadline }: ReportRow): string {
  const where = project === undefined ? item.name : `${project}/${item.name}`;
  const data = lastDataAt === undefined ? 'no data seen' : `data of ${shortTime(lastDataAt)}`;
  const due = nextDeadline === undefined ? promise : `${promise}, next ${shortTime(nextDeadline)}`;
  return `  ${state.padEnd(14)} ${where} (${item.kind}): ${data}; ${due}${shadow ? '; nobody is paged' : ''}${why === undefined ? '' : `\n                 ${why}`}`;
}

const shortTime = (at: string): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
