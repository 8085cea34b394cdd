import { parseArgs } from 'node:util';
import { channelName } from '../../workflows/channels.js';
import type { Policy } from '../../workflows/contract.js';
import type { ConditionName, Conditions, FailureFacts } from '../../policy/conditions.js';
import { plannedPages, triedRoutes, type PlannedPage, type TriedRoute } from '../../policy/explain.js';
import { readEscalationFile } from '../../policy/load.js';
import { instantRule, localTimeAt, parseInstant, weekdays } from '../../policy/local-time.js';
import { decideRoute, type Decision, type Escalation } from '../../policy/route.js';
import { timezoneOf } from '../../policy/timezone-of.js';
import { createFetchCalendar } from '../../calendar/fetch.js';
import { readCalendars } from '../../calendar/with-turns.js';
import type { Command } from '../arguments.js';

const usage = `Usage: tableau-webhooks policy explain FILE --event <name> [options]

Which routes of an escalation file are tried for an event, why each does not fit, and who would be paged when if nobody answered.
What is not given counts as not known: then routes that depend on it may fit. Calendars of schedules (ical) are read once.

  --item <name>     the workbook or data source
  --project <path>  the path of its project, such as Finance/Daily
  --tag <tag>       one of its tags; may be given several times
  --owner <name>    a user name or e-mail address of its owner; may be given several times
  --site <name>     the luid or the name of the site
  --failures <N>    how many refreshes failed in a row
  --at <time>       when it failed (now), such as 2026-12-24T18:00:00Z
  --json            one JSON value instead of text

Exits with 0, 1 when the file has problems, 2 for wrong arguments.
`;

/** An escalation takes less. */
const weekMs = 7 * 24 * 3_600_000;

interface Options {
  file: string;
  facts: FailureFacts;
  isJson: boolean;
}

/** @throws ConfigError with what is wrong with the file */
export const explain: Command = async (_env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const { file, facts, isJson } = options;
  const range = { from: facts.at, to: facts.at + weekMs };
  const { escalation, sentences } = await readCalendars(readEscalationFile(file), createFetchCalendar(), range);
  for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
  const tried = triedRoutes(escalation, facts);
  const decision = decideRoute(escalation, facts);
  const { policy } = decision;
  const planned = policy ? plannedPages(escalation, policy, { at: facts.at, owner: facts.owner ?? [] }) : [];
  const pages = planned.toSorted((a, b) => a.at - b.at);
  const explained = { escalation, facts, tried, decision, pages };
  process.stdout.write(isJson ? `${JSON.stringify(asJson(explained), null, 2)}\n` : asText(explained));
  return 0;
};

/** A text says what is wrong. */
function optionsFrom(args: string[]): Options | string {
  const text = { type: 'string' } as const;
  const list = { type: 'string', multiple: true } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        event: text,
        item: text,
        project: text,
        tag: list,
        owner: list,
        site: text,
        failures: text,
        at: text,
        json: flag,
        help: { ...flag, short: 'h' },
      },
    });
    if (values.help) return 'help';
    const [file, ...more] = positionals;
    const { event, item, project, site, failures, tag: tags, owner, json } = values;
    if (file === undefined || more.length > 0) return 'policy explain takes one file.';
    if (event === undefined) return '--event is missing, such as --event WorkbookRefreshFailed.';
    const at = values.at === undefined ? Date.now() : parseInstant(values.at);
    if (at === null) return `--at must be ${instantRule}.`;
    if (failures !== undefined && !/^[1-9]\d{0,3}$/.test(failures))
      return '--failures must be a whole number from 1 to 9999.';
    const facts: FailureFacts = {
      event,
      at,
      ...(item !== undefined && { item }),
      ...(project !== undefined && { project }),
      ...(site !== undefined && { site, siteName: site }),
      ...(tags && { tags }),
      ...(owner && { owner }),
      ...(failures !== undefined && { failures: Number(failures) }),
    };
    return { file, facts, isJson: json };
  } catch (error) {
    return `policy explain: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

interface Explained {
  escalation: Escalation;
  facts: FailureFacts;
  tried: TriedRoute[];
  decision: Decision;
  pages: PlannedPage[];
}

const asJson = ({ tried, decision: { policy, ignore, route, isCertain }, pages }: Explained) => ({
  routes: tried,
  decision: { policy: policy?.name ?? null, ...(ignore !== undefined && { ignore }), route, isCertain },
  pages: pages.map(({ at, ...page }) => ({ at: new Date(at).toISOString(), ...page })),
});

function asText({ escalation, facts, tried, decision, pages }: Explained): string {
  const lines = [
    `${facts.event}, ${clock(facts.at, 'UTC')}`,
    '',
    ...tried.map((one) => routeLine(escalation, facts, one)),
    '',
    ...decisionLines(decision),
    ...pages.map((page) => pageLine(escalation, page)),
  ];
  return `${lines.join('\n')}\n`;
}

const answers = { met: 'yes', missed: 'no', unknown: 'perhaps' } as const;

function routeLine({ routes }: Escalation, facts: FailureFacts, { route, verdict, conditions }: TriedRoute): string {
  const why = conditions
    .filter((condition) => condition.verdict === verdict && verdict !== 'met')
    .map(({ name }) => `${name} ${wantedText(routes[route - 1], name)}: ${isText(facts, name)}`);
  return `route ${route}: ${[answers[verdict], ...why].join('; ')}`;
}

const signs = {
  project: '--project',
  tags: '--tag',
  owner: '--owner',
  site: '--site',
  failures: '--failures',
  item: '--item',
};

/** What the failure has, or which option would tell. */
function isText(facts: FailureFacts, name: ConditionName): string {
  if (name === 'events') return `it is ${facts.event}`;
  if (name === 'hours') return 'it is at another time';
  const value = facts[name];
  if (value === undefined) return `not known without ${signs[name]}`;
  const list = Array.isArray(value) ? value.join(', ') : String(value);
  return list === '' ? 'it has none' : `it is ${list}`;
}

function wantedText(conditions: Conditions | undefined, name: ConditionName): string {
  if (name === 'failures') return conditions?.failures ? `${conditions.failures.is} ${conditions.failures.count}` : '';
  if (name === 'hours') return conditions?.hours ? hoursText(conditions.hours) : '';
  const wanted = conditions?.[name];
  return typeof wanted === 'string' ? `"${wanted}"` : (wanted ?? []).map((one) => `"${one}"`).join(', ');
}

function hoursText({ days, from, to, timezone }: NonNullable<Conditions['hours']>): string {
  const time = (minutes: number): string =>
    `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  const named = days.length === weekdays.length ? '' : `${days.join(',')} `;
  return `"${named}${time(from)}-${time(to)} ${timezone}"`;
}

function decisionLines({ policy, ignore, route, isCertain }: Decision): string[] {
  if (policy === null)
    return [ignore === undefined ? 'No route fits: nobody is paged.' : `Ignored (${ignore}): nobody is paged.`];
  const until = isCertain ? '' : ', until Tableau tells what is not known here';
  const severity = policy.severity === undefined ? '' : ` (severity ${policy.severity})`;
  return [`policy ${policy.name}${severity} by route ${route}${until}. When nobody answers:`, ...rerunLines(policy)];
}

const rerunLines = ({ rerun }: Policy): string[] =>
  rerun
    ? [`  before: the refresh is run again, up to ${rerun.attempts}×; the times below begin when that has failed`]
    : [];

function pageLine(escalation: Escalation, { at, by, contact, meant, step, round, wasQuiet }: PlannedPage): string {
  const place = step === null ? 'after the last step' : `step ${step}${round === 1 ? '' : `, round ${round}`}`;
  const whom = meant === undefined ? contact : `${contact} (${meant})`;
  const held = wasQuiet ? ', held by quiet hours until then' : '';
  return `  ${clock(at, timezoneOf(escalation, contact))}  ${channelName(by)} to ${whom}, ${place}${held}`;
}

/** `Mon 2026-11-30 09:00:00 Europe/Berlin` */
function clock(at: number, timezone: string): string {
  const local = localTimeAt(at, timezone);
  const day = local.toLocaleString('en', { weekday: 'short' });
  return `${day} ${local.toString({ smallestUnit: 'second' }).replace('T', ' ')} ${timezone}`;
}
