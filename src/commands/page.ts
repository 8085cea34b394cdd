import { parseArgs } from 'node:util';
import type { Env } from '../config/variables.js';
import { addressOf, type Escalation } from '../policy/route.js';
import { loadSettings } from '../service/settings.js';
import { createTwilioClient } from '../twilio/client.js';
import { createTestPages, type Progress } from '../twilio/test-page.js';
import { channelTraits } from '../workflows/channels.js';
import { channels, type Channel } from '../workflows/contract.js';

const followMs = 45_000;

const usage = `Usage: tableau-webhooks page --to <contact> --by <${channels.join('|')}>

Sends one real message or call to a contact of the escalation policy, marked as a test, by the sender and the template of a
page. Opens no incident; there is nothing to answer. Prints what Twilio reports, for ${followMs / 1000} s at most. Costs what a page costs.

  --to <contact>  key of the contact in the escalation file; without a file: duty
  --by <channel>  ${channels.join(', ')}

Exits with 0 when it was delivered or answered or is still on its way, 1 when not, 2 for wrong arguments.
`;

interface Options {
  contact: string;
  channel: Channel;
}

/** Sends a test page. Gives the exit code. */
export async function page(env: Env, args: string[]): Promise<number> {
  const options = parse(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') return (process.stderr.write(`${options}\n\n${usage}`), 2);
  const { config, escalation } = loadSettings(env);
  const { contact, channel } = options;
  const number = addressOf(escalation, contact, channel);
  if (number === undefined) throw new Error(noAddress(escalation, options));

  const { publicUrl } = config;
  const pages = createTestPages(createTwilioClient(config.twilio), config.twilio, publicUrl);
  const sent = await pages.send({ contact, channel, number, host: new URL(publicUrl).host });
  process.stdout.write(`Twilio accepted the ${channelTraits[channel].name} to ${contact} (${sent.sid}).\n`);
  const last = await pages.follow(sent, followMs, ({ status }) => void process.stdout.write(`  ${status}\n`));
  process.stdout.write(`${conclusion(last, options)}\n`);
  return last.reached === false ? 1 : 0;
}

function parse(args: string[]): string | Options {
  try {
    const { values } = parseArgs({
      args,
      options: {
        to: { type: 'string' },
        by: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    if (!values.to) return '--to is missing: the key of a contact.';
    const channel = channels.find((one) => one === values.by);
    if (channel === undefined) return `--by must be one of ${channels.join(', ')}.`;
    return { contact: values.to, channel };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function noAddress({ contacts }: Escalation, { contact, channel }: Options): string {
  const keys = Object.keys(contacts);
  if (!keys.includes(contact)) return `There is no contact "${contact}": --to must be one of ${keys.join(', ')}.`;
  return `The contact "${contact}" has no address for ${channel}: add "${channelTraits[channel].address}" to the contact.`;
}

function conclusion({ reached, status, problem }: Progress, { contact, channel }: Options): string {
  const isCall = channelTraits[channel].isCall;
  if (reached === true) return isCall ? `${contact} answered the call.` : `It was delivered to ${contact}.`;
  if (reached === false) return `It did not reach ${contact} (${status}). ${problem ?? ''}`.trim();
  return `Twilio has not reported more than "${status}" yet. Its console shows what becomes of it.`;
}
