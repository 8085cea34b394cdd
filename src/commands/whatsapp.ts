import { parseArgs } from 'node:util';
import { createTwilioClient } from '../twilio/client.js';
import { createContentApi, type Approval, type Content, type ContentApi } from '../twilio/content.js';
import { pageTemplate } from '../twilio/page-template.js';
import { loadConfig } from '../config/config.js';
import type { Env } from '../config/variables.js';

const usage = `Usage: tableau-webhooks whatsapp template [options]

Creates the WhatsApp template of a page at Twilio, submits it to WhatsApp for approval, and prints the line for .env.
Finds an existing template by its name and does nothing twice.

  --status       changes nothing, and prints the approval's status: of WHATSAPP_CONTENT_SID where it is set
  --name <name>  of the template (tableau_webhooks_page); a rejected one needs another name
  --json         one JSON value instead of text

Exits with 0 when all is well (with --status: when it is approved), 1 when not, 2 for wrong arguments.
`;

const usualName = 'tableau_webhooks_page';

interface Options {
  status: boolean;
  json: boolean;
  name: string | undefined;
}
/** The result, as `--json` prints it. */
interface Report {
  name: string;
  contentSid: string;
  did: ('created' | 'submitted')[];
  approval: Approval;
  /** Whether its text and buttons are those of this version. */
  current: boolean;
  env: string;
  /** Whether WHATSAPP_CONTENT_SID is this one. */
  configured: boolean;
}

/** Creates or shows the WhatsApp template by Twilio's Content API. Gives the exit code. */
export async function whatsapp(env: Env, args: string[]): Promise<number> {
  const options = parse(args);
  if (options === 'help') return (process.stdout.write(usage), 0);
  if (typeof options === 'string') return (process.stderr.write(`${options}\n\n${usage}`), 2);
  try {
    const { twilio } = loadConfig(env);
    const contents = createContentApi(createTwilioClient(twilio), pageTemplate);
    const { content, did, approval } = options.status
      ? await find(contents, options.name, twilio.contentSid)
      : await create(contents, options.name ?? usualName);
    const report: Report = {
      name: content.name,
      contentSid: content.sid,
      did,
      approval,
      current: content.same,
      env: `WHATSAPP_CONTENT_SID=${content.sid}`,
      configured: twilio.contentSid === content.sid,
    };
    process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : textOf(report, twilio.whatsappFrom));
    return isWell(report, options) ? 0 : 1;
  } catch (error) {
    if (!options.json) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${JSON.stringify({ problem }, null, 2)}\n`);
    return 1;
  }
}

function parse(args: string[]): string | Options {
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

async function create(contents: ContentApi, name: string): Promise<Found> {
  const named = await contents.named(name);
  const [known] = named.filter(({ same }) => same);
  if (known === undefined && named[0]) throw new Error(taken(name, named[0].sid));
  const content = known ?? { sid: await contents.create(name), name, same: true };
  const did: Report['did'] = known === undefined ? ['created'] : [];
  const approval = await contents.approval(content.sid);
  if (approval.status !== 'unsubmitted') return { content, did, approval };
  return { content, did: [...did, 'submitted'], approval: await contents.submit(content.sid, name) };
}

const taken = (name: string, sid: string): string =>
  `There is a template ${name} (${sid}) with another text or other buttons than this version has. A submitted template ` +
  `cannot be changed: give another --name, such as ${name}_2.`;

async function find(contents: ContentApi, name: string | undefined, configured: string | undefined): Promise<Found> {
  const bySid = name === undefined && configured !== undefined;
  const content = bySid ? await contents.get(configured) : await newestOf(contents, name ?? usualName);
  if (content === null)
    throw new Error(
      bySid
        ? `Twilio does not know WHATSAPP_CONTENT_SID (${configured}): it is of another account, or was deleted.`
        : `There is no template ${name ?? usualName}: \`tableau-webhooks whatsapp template\` creates it.`,
    );
  return { content, did: [], approval: await contents.approval(content.sid) };
}

async function newestOf(contents: ContentApi, name: string): Promise<Content | null> {
  const named = await contents.named(name);
  return named.find(({ same }) => same) ?? named[0] ?? null;
}

const refused = new Set(['rejected', 'paused', 'disabled']);

const isWell = ({ approval, current }: Report, { status }: Options): boolean =>
  status ? approval.status === 'approved' && current : !refused.has(approval.status);

function textOf(
  { name, contentSid, did, approval, current, env, configured }: Report,
  from: string | undefined,
): string {
  const reason = approval.reason ? `: ${approval.reason}` : '';
  const lines = [
    `Template ${name}: ${contentSid}${did.length > 0 ? ` (${did.join(', ')})` : ''}`,
    `WhatsApp: ${approval.status}${reason}`,
    adviceFor(approval.status, name),
    current ? '' : 'Its text or buttons are not those of this version, which may not recognise a tap on a button.',
    configured ? '' : `In .env${approval.status === 'approved' ? '' : ', once it is approved'}:\n  ${env}`,
    from === undefined ? 'WHATSAPP_FROM is not set: without a WhatsApp sender nothing is sent by WhatsApp.' : '',
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function adviceFor(status: string, name: string): string {
  if (status === 'approved') return 'It can be sent at any time.';
  if (status === 'rejected')
    return `Pages are sent without it, or by SMS. Try again with another name: --name ${name}_2.`;
  if (status === 'paused' || status === 'disabled')
    return 'WhatsApp received complaints and refuses messages with it; pages are sent by SMS instead.';
  return 'Approval takes minutes, at most two days: `tableau-webhooks whatsapp template --status` shows it.';
}
