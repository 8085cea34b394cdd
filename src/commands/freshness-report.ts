import { parseArgs } from 'node:util';
import { parseDuration } from '../policy/duration.js';
import {
  defaultSince,
  episodeReportOf,
  type EpisodeReport,
  type PromiseEpisodes,
} from '../policy/freshness/episode-report.js';
import type { Command } from './arguments.js';
import { readSites } from './freshness-sites.js';

const usage = `Usage: tableau-webhooks freshness report [--since <duration>] [--json]

What was late in the last weeks, for each promise of the escalation file: how often, for how many of these somebody was paged, or would have been
(shadow), and how long after its deadline the data came, as a median. Items that are late because of one data source count once. A worker must run.

The precision of learned promises is the share of these that were really late: the data came more than 60 min after the deadline, or not before the
next deadline. What has been late for less than 60 min, and items of which nothing is promised any more, do not count.

  --since <duration>  how far back, such as 7d (default ${defaultSince}); what is older than 35 days is forgotten
  --json              as GET /freshness/report

Exits with 0, or 2 for wrong arguments.
`;

/** @throws ConfigError */
export const freshnessReport: Command = async (env, args) => {
  if (args.includes('--help') || args.includes('-h')) return (process.stdout.write(usage), 0);
  const wanted = wantedFrom(args);
  if (typeof wanted === 'string') {
    process.stderr.write(`${wanted}\n\n${usage}`);
    return 2;
  }
  const now = Date.now();
  const sites = await readSites(env);
  const reports = sites.map(({ site, view }) => episodeReportOf(site, view, now - wanted.sinceMs, now));
  process.stdout.write(wanted.json ? `${JSON.stringify({ sites: reports }, null, 2)}\n` : textOf(reports));
  return 0;
};

/** A text says what is wrong. */
function wantedFrom(args: string[]): { sinceMs: number; json: boolean } | string {
  try {
    const { values } = parseArgs({ args, options: { since: { type: 'string' }, json: { type: 'boolean' } } });
    const sinceMs = parseDuration(values.since ?? defaultSince);
    return sinceMs === null ? '--since takes a duration such as 12h or 7d.' : { sinceMs, json: values.json === true };
  } catch (error) {
    return `freshness report: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

const textOf = (reports: readonly EpisodeReport[]): string =>
  reports.length === 0
    ? 'Nothing is promised, or no worker has started since it is: see "freshness" in the escalation file.\n'
    : reports.flatMap((report) => [...linesOf(report), '']).join('\n');

function linesOf({ site, since, promises }: EpisodeReport): string[] {
  const count = promises.reduce((sum, { late }) => sum + late, 0);
  return [
    `Site ${site}: ${timesText(count)} late since ${since.slice(0, 16).replace('T', ' ')} UTC.`,
    ...promises.map(lineOf),
  ];
}

function lineOf({ promise, late, paged, shadow, open, medianLatenessMinutes, precision }: PromiseEpisodes): string {
  return [
    `  ${promise}\n    ${timesText(late)} late`,
    ...(paged > 0 ? [`${paged} paged`] : []),
    ...(shadow > 0 ? [`${shadow} in shadow`] : []),
    ...(open > 0 ? [`${open} without new data yet`] : []),
    ...(medianLatenessMinutes === null ? [] : [`median ${medianLatenessMinutes} min after the deadline`]),
    ...(precision === null || precision.value === null
      ? []
      : [`precision ${precision.value.toFixed(2)} (${precision.reallyLate} of ${precision.of} really late)`]),
  ].join(', ');
}

const timesText = (count: number): string => (count === 1 ? 'once' : `${count} times`);
