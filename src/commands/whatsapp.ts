import { parseArgs } from 'node:util';
import { createTwilioClient } from '../twilio/client.js';
import { createContentDoor, type Approval, type Content, type ContentDoor } from '../twilio/content.js';
import { pageTemplate } from '../twilio/page-template.js';
import { loadConfig } from '../config/config.js';
import type { Env } from '../config/env.js';

const usage = `Usage: tableau-webhooks whatsapp template [options]

Creates the WhatsApp template of a page at Twilio, hands it to WhatsApp for approval, and says what to write into .env.
What is there already is found again by its name, and nothing is done twice.

  --status       changes nothing, and shows how the approval stands: of WHATSAPP_CONTENT_SID where it is set
  --name <name>  of the template (tableau_webhooks_page); a rejected one needs another name
  --json         one JSON value instead of text

Ends with 0 when all is well, with --status when it is approved; with 1 when not, 2 when it was asked wrongly.
`;

const usualName = 'tableau_webhooks_page';

interface Asked {
  status: boolean;
  json: boolean;
  name: string | undefined;
}
/** What is known of a template, also what `--json` tells. */
interface Report {
  name: string;
  contentSid: string;
  did: ('created' | 'submitted')[];
  approval: Approval;
  /** Whether its words and buttons are those that this version sends and reads. */
  current: boolean;
  env: string;
  /** Whether WHATSAPP_CONTENT_SID is this one. */
  configured: boolean;
}

/** The WhatsApp template, by Twilio's Content API. Gives the exit code. */
export async function whatsapp(env: Env, args: string[]): Promise<number> {
  const asked = understood(args);
  if (asked === 'help') return (process.stdout.write(usage), 0);
  if (typeof asked === 'string') return (process.stderr.write(`${asked}\n\n${usage}`), 2);
  try {
    const { twilio } = loadConfig(env);
    const door = createContentDoor(createTwilioClient(twilio), pageTemplate);
    const { content, did, approval } = asked.status
      ? await look(door, asked.name, twilio.contentSid)
      : await make(door, asked.name ?? usualName);
    const report: Report = {
      name: content.name,
      contentSid: content.sid,
      did,
      approval,
      current: content.same,
      env: `WHATSAPP_CONTENT_SID=${content.sid}`,
      configured: twilio.contentSid === content.sid,
    };
    process.stdout.write(asked.json ? `${JSON.stringify(report, null, 2)}\n` : said(report, twilio.whatsappFrom));
    return isWell(report, asked) ? 0 : 1;
  } catch (error) {
    if (!asked.json) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${JSON.stringify({ problem }, null, 2)}\n`);
    return 1;
  }
}

function understood(args: string[]): string | Asked {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        status: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        name: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return 'help';
    if (positionals.join(' ') !== 'template') return 'whatsapp takes one word: template.';
    if (values.name !== undefined && !/^[a-z0-9_]{1,64}$/.test(values.name))
      return '--name must be 1 to 64 of a-z, 0-9 and _, as WhatsApp has it.';
    return { status: values.status, json: values.json, name: values.name };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Found = Pick<Report, 'did' | 'approval'> & { content: Content };

async function make(door: ContentDoor, name: string): Promise<Found> {
  const named = await door.named(name);
  const [known] = named.filter(({ same }) => same);
  if (known === undefined && named[0]) throw new Error(taken(name, named[0].sid));
  const content = known ?? { sid: await door.create(name), name, same: true };
  const did: Report['did'] = known === undefined ? ['created'] : [];
  const approval = await door.approval(content.sid);
  if (approval.status !== 'unsubmitted') return { content, did, approval };
  return { content, did: [...did, 'submitted'], approval: await door.submit(content.sid, name) };
}

const taken = (name: string, sid: string): string =>
  `There is a template ${name} (${sid}) with other words or buttons than this version has. What was handed to WhatsApp ` +
  `cannot be changed: give another --name, such as ${name}_2.`;

async function look(door: ContentDoor, name: string | undefined, configured: string | undefined): Promise<Found> {
  const bySid = name === undefined && configured !== undefined;
  const content = bySid ? await door.get(configured) : await newestOf(door, name ?? usualName);
  if (content === null)
    throw new Error(
      bySid
        ? `Twilio does not know WHATSAPP_CONTENT_SID (${configured}): it is of another account, or was deleted.`
        : `There is no template ${name ?? usualName}: \`tableau-webhooks whatsapp template\` creates it.`,
    );
  return { content, did: [], approval: await door.approval(content.sid) };
}

async function newestOf(door: ContentDoor, name: string): Promise<Content | null> {
  const named = await door.named(name);
  return named.find(({ same }) => same) ?? named[0] ?? null;
}

const refused = new Set(['rejected', 'paused', 'disabled']);

const isWell = ({ approval, current }: Report, { status }: Asked): boolean =>
  status ? approval.status === 'approved' && current : !refused.has(approval.status);

function said({ name, contentSid, did, approval, current, env, configured }: Report, from: string | undefined): string {
  const reason = approval.reason ? `: ${approval.reason}` : '';
  const lines = [
    `Template ${name}: ${contentSid}${did.length > 0 ? ` (${did.join(', ')})` : ''}`,
    `WhatsApp: ${approval.status}${reason}`,
    adviceFor(approval.status, name),
    current ? '' : 'Its words or buttons are not those of this version: a tap on a button may not be understood.',
    configured ? '' : `In .env${approval.status === 'approved' ? '' : ', once it is approved'}:\n  ${env}`,
    from === undefined ? 'WHATSAPP_FROM is not set: without a WhatsApp sender nothing goes out by WhatsApp.' : '',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function adviceFor(status: string, name: string): string {
  if (status === 'approved') return 'It may be sent at any time.';
  if (status === 'rejected')
    return `Pages go out without it, or by SMS. Try again with another name: --name ${name}_2.`;
  if (status === 'paused' || status === 'disabled')
    return 'WhatsApp has had complaints: messages with it are refused, and SMS takes their place.';
  return 'That takes minutes, at most two days: `tableau-webhooks whatsapp template --status` tells.';
}
