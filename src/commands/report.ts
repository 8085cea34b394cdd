import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { loadTemporal } from '../config/config.js';
import { parseDuration } from '../policy/duration.js';
import { readEscalationFile } from '../policy/load.js';
import { noticeChannelOf } from '../policy/overrides.js';
import { addressOf, type Escalation } from '../policy/route.js';
import { timezoneOf } from '../policy/timezone-of.js';
import { digestOf } from '../report/digest.js';
import { earliestOf, periodsAt } from '../report/periods.js';
import { reportCsv } from '../report/report-csv.js';
import { reportText } from '../report/report-text.js';
import { reportOf } from '../report/report.js';
import type { ReportView } from '../report/schema.js';
import { loadSettings } from '../service/settings.js';
import { connectAsConfigured, type Temporal } from '../temporal/connection.js';
import { grpcCodeOf, reasonOf } from '../temporal/errors.js';
import { signalNotice } from '../temporal/notices.js';
import { channelName, channelTraits, textChannels, type TextChannel } from '../workflows/channels.js';
import { day, hour } from '../workflows/contract.js';
import type { Command } from './arguments.js';
import { wrapped } from './policy/report.js';
import { readArchive } from './read-archive.js';

const defaultSince = '30d';

const usage = `Usage: tableau-webhooks report [--since 7d] [--json | --csv]
       tableau-webhooks report [--since 7d] --to <contact> [--by sms|whatsapp]

What happened in the last night and since a time, compared with the time before: failures, how long it took to take them and to recover, what
failed again, by project, owner, cause and policy, and wakings and cost per person. Read from Temporal, without a worker. With --to, a text
of it that fits two SMS segments goes to a contact by its pager, for which a worker must run: as a morning digest, from cron. Takes the escalation
file of ESCALATION_FILE; without one the whole environment of the service.

  --since <time>   how far back, from 1h to 90d (${defaultSince})
  --json, --csv    for programs and spreadsheets, as GET /report and GET /report.csv
  --to <contact>   key of a contact of the escalation file
  --by <channel>   ${textChannels.join(' or ')}; by default the first for which the contact has an address

Exits with 0, 1 when Temporal does not answer or the contact has no such address, 2 for wrong arguments.
`;

interface Options {
  since: string;
  sinceMs: number;
  form: 'text' | 'json' | 'csv';
  to: string | null;
  by: TextChannel | null;
}

/** @throws ConfigError */
export const report: Command = async (env, args) => {
  const options = optionsFrom(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${usage}`);
    return 2;
  }
  const file = env.ESCALATION_FILE?.trim();
  const escalation = file ? readEscalationFile(file) : loadSettings(env).escalation;
  const receiver = options.to === null ? null : receiverOf(escalation, options.to, options.by);
  if (typeof receiver === 'string') return (process.stderr.write(`${receiver}\n`), 1);
  const zone = timezoneOf(escalation, options.to ?? '');
  const periods = periodsAt(Date.now(), options.sinceMs, zone);
  const temporal = connectAsConfigured(loadTemporal(env));
  try {
    const read = await readArchive(temporal, earliestOf(periods));
    if (typeof read === 'string') return (process.stderr.write(`${read}\n`), 1);
    const made = reportOf({ escalation, ...read }, periods, zone);
    if (receiver === null) return (process.stdout.write(shown(made, options.form)), 0);
    return await send(temporal, escalation, receiver, digestOf(made, options.since, receiver.channel));
  } finally {
    await temporal.close();
  }
};

/** A text says what is wrong. */
function optionsFrom(args: string[]): Options | string {
  const [text, flag] = [{ type: 'string' } as const, { type: 'boolean', default: false } as const];
  try {
    const { values } = parseArgs({
      args,
      options: { since: text, json: flag, csv: flag, to: text, by: text, help: { ...flag, short: 'h' } },
    });
    if (values.help) return 'help';
    const { since = defaultSince, json, csv, to = null, by } = values;
    const sinceMs = parseDuration(since);
    if (sinceMs === null || sinceMs < hour || sinceMs > 90 * day)
      return '--since must be a time from 1h to 90d, such as 7d.';
    if (json && csv) return 'report takes --json or --csv, not both.';
    if (to !== null && (json || csv)) return '--to sends a text: it takes neither --json nor --csv.';
    if (by !== undefined && to === null) return '--by needs --to, the key of a contact.';
    const channel = textChannels.find((one) => one === by) ?? null;
    if (by !== undefined && channel === null) return `--by must be ${textChannels.join(' or ')}.`;
    return { since, sinceMs, form: json ? 'json' : csv ? 'csv' : 'text', to, by: channel };
  } catch (error) {
    return `report: ${error instanceof Error ? error.message : 'wrong arguments'}`;
  }
}

function shown(made: ReportView, form: Options['form']): string {
  if (form === 'json') return `${JSON.stringify(made, null, 2)}\n`;
  return form === 'csv' ? reportCsv(made) : reportText(made, wrapped);
}

interface Receiver {
  contact: string;
  channel: TextChannel;
}

/** A text says why there is none. */
function receiverOf(escalation: Escalation, contact: string, by: TextChannel | null): Receiver | string {
  const keys = Object.keys(escalation.contacts);
  if (!keys.includes(contact)) return `There is no contact "${contact}": --to must be one of ${keys.join(', ')}.`;
  const channel = by ?? noticeChannelOf(escalation, contact);
  if (channel === undefined) return `The contact "${contact}" has no address for a text.`;
  if (addressOf(escalation, contact, channel) === undefined)
    return `The contact "${contact}" has no address for ${channel}: add "${channelTraits[channel].address}" to the contact.`;
  return { contact, channel };
}

async function send(
  { client, address }: Temporal,
  escalation: Escalation,
  { contact, channel }: Receiver,
  text: string,
): Promise<number> {
  try {
    const notice = { noticeId: randomUUID(), kind: 'text', text, channel } as const;
    await client.withDeadline(Date.now() + 10_000, () => signalNotice(client, contact, notice, escalation.settings));
  } catch (error) {
    if (grpcCodeOf(error) === undefined) throw error;
    process.stderr.write(`Temporal at ${address} did not take the digest (${reasonOf(error).trim()}).\n`);
    return 1;
  }
  process.stdout.write(`The pager of ${contact} sends this by ${channelName(channel)}:\n\n${text}\n`);
  return 0;
}
