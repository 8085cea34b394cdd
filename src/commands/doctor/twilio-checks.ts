import type { Config } from '../../config/config.js';
import { createTwilioAccount, type Incoming, type TwilioAccount } from '../../twilio/account.js';
import { createTwilioClient } from '../../twilio/client.js';
import { createContentApi, type ContentApi } from '../../twilio/content.js';
import { pageTemplate } from '../../twilio/page-template.js';
import { callbackOverrides } from '../../twilio/requests.js';
import { messageOf, type Finding } from './finding.js';

/** Twilio's own WhatsApp sandbox, which is no sender of the account: https://www.twilio.com/docs/whatsapp/sandbox */
const whatsappSandbox = '+14155238886';

interface TwilioContext {
  config: Config;
  /** Signs in by the auth token, with which Twilio also signs what it posts. */
  byToken: TwilioAccount;
  /** Signs in as the service does. */
  service: TwilioAccount;
  contents: ContentApi;
}

/** Runs one check after the other; those that need credentials that Twilio refuses are skipped. */
export async function* checkTwilio(config: Config): AsyncGenerator<Finding> {
  const { twilio } = config;
  const { apiKey, ...tokensOnly } = twilio;
  const client = createTwilioClient(twilio);
  const context: TwilioContext = {
    config,
    byToken: createTwilioAccount(createTwilioClient(tokensOnly), twilio.accountSid),
    service: createTwilioAccount(client, twilio.accountSid),
    contents: createContentApi(client, pageTemplate),
  };
  const credentials = await account(context, apiKey !== undefined);
  yield credentials;
  const checks: [string, (context: TwilioContext) => Promise<Finding>][] = [
    ['Twilio number', number],
    ['incoming messages', incomingMessages],
    ...(twilio.whatsappFrom === undefined
      ? []
      : ([
          ['WhatsApp sender', whatsappSender],
          ['WhatsApp template', whatsappTemplate],
        ] satisfies [string, (context: TwilioContext) => Promise<Finding>][])),
  ];
  for (const [check, run] of checks) {
    if (credentials.status === 'failed') yield { check, status: 'skipped', message: 'It needs valid credentials.' };
    else
      yield await run(context).catch((error: unknown) => ({
        check,
        status: 'failed' as const,
        message: messageOf(error),
        fix: `Check it in the Twilio console. ${apiKey === undefined ? '' : 'A restricted API key may not read it.'}`.trim(),
      }));
  }
}

async function account({ byToken, service, config }: TwilioContext, hasKey: boolean): Promise<Finding> {
  const check = 'Twilio account';
  try {
    const { status, trial } = await byToken.account();
    if (status !== 'active')
      return { check, status: 'failed', message: `The account is ${status}.`, fix: 'Open it in the Twilio console.' };
    // An API key may not read the account, but numbers.
    if (hasKey) await service.number(config.twilio.from);
    if (!trial) return { check, status: 'ok', message: 'Active; the credentials are valid.' };
    const fix = 'Upgrade the account, or verify the number of each contact in the Twilio console.';
    return { check, status: 'warning', message: 'A trial account sends to verified numbers only.', fix };
  } catch (error) {
    const variables = `TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN${hasKey ? ', TWILIO_API_KEY and TWILIO_API_SECRET' : ''}`;
    return { check, status: 'failed', message: messageOf(error), fix: `Check ${variables}.` };
  }
}

async function number({ service, config: { twilio } }: TwilioContext): Promise<Finding> {
  const check = 'Twilio number';
  const found = await service.number(twilio.from);
  if (found === null) {
    const fix = 'Set TWILIO_FROM_NUMBER to a number that the Twilio console lists under Active numbers.';
    return { check, status: 'failed', message: 'The account does not have TWILIO_FROM_NUMBER.', fix };
  }
  const lacks = [
    ...(found.sms || twilio.messagingServiceSid !== undefined ? [] : ['send SMS']),
    ...(found.voice ? [] : ['make calls']),
  ];
  if (lacks.length === 0) return { check, status: 'ok', message: 'Exists, and can send SMS and make calls.' };
  const fix = 'Use a number with these capabilities, or a policy without these channels.';
  return { check, status: 'failed', message: `TWILIO_FROM_NUMBER cannot ${lacks.join(' or ')}.`, fix };
}

async function incomingMessages({ service, config }: TwilioContext): Promise<Finding> {
  const check = 'incoming messages';
  const { messagingServiceSid, from } = config.twilio;
  const ofService = messagingServiceSid === undefined ? null : await service.messagingService(messagingServiceSid);
  if (ofService?.incoming) return compare(check, ofService.incoming, config, 'the messaging service');
  const found = await service.number(from);
  if (found === null) return { check, status: 'skipped', message: 'It needs the number.' };
  return compare(check, found.incoming, config, 'TWILIO_FROM_NUMBER');
}

async function whatsappSender({ service, config }: TwilioContext): Promise<Finding> {
  const check = 'WhatsApp sender';
  const { whatsappFrom = '' } = config.twilio;
  if (whatsappFrom === whatsappSandbox) {
    const message = "WHATSAPP_FROM is Twilio's WhatsApp sandbox, whose settings cannot be read.";
    const fix = `In the console, under "Try it out", set "When a message comes in" to ${addressOf(config)}.`;
    return { check, status: 'warning', message, fix };
  }
  const found = await service.whatsappSender(whatsappFrom);
  if (found === null) {
    const fix = 'Set WHATSAPP_FROM to a sender that the Twilio console lists under WhatsApp senders.';
    return { check, status: 'failed', message: 'The account does not have WHATSAPP_FROM as a WhatsApp sender.', fix };
  }
  if (!found.status.startsWith('ONLINE')) {
    const fix = 'Open the sender in the Twilio console.';
    return { check, status: 'failed', message: `The WhatsApp sender is ${found.status}.`, fix };
  }
  return compare(check, found.incoming, config, 'the WhatsApp sender');
}

async function whatsappTemplate({ contents, config: { twilio } }: TwilioContext): Promise<Finding> {
  const check = 'WhatsApp template';
  const command = '`tableau-webhooks whatsapp template`';
  if (twilio.contentSid === undefined) {
    const message =
      'WHATSAPP_CONTENT_SID is not set: pages by WhatsApp arrive only within 24 h of a message of the contact.';
    return { check, status: 'warning', message, fix: `${command} creates the template.` };
  }
  const content = await contents.get(twilio.contentSid);
  if (content === null) {
    const message = 'Twilio does not know WHATSAPP_CONTENT_SID: it is of another account, or was deleted.';
    return { check, status: 'failed', message, fix: `${command} creates the template.` };
  }
  const { status, reason } = await contents.approval(twilio.contentSid);
  if (status !== 'approved') {
    const message = `WhatsApp has not approved the template: ${status}${reason ? ` (${reason})` : ''}.`;
    return {
      check,
      status: 'failed',
      message,
      fix: `${command} --status shows it; empty WHATSAPP_CONTENT_SID until then.`,
    };
  }
  if (content.same) return { check, status: 'ok', message: 'Approved.' };
  const message = 'Approved, with another text or other buttons than this version has.';
  return {
    check,
    status: 'warning',
    message,
    fix: 'Its three variables must be those of docs/twilio.md, its buttons valid replies.',
  };
}

const addressOf = ({ http }: Config): string => `${http.publicUrl}/twilio/message${callbackOverrides}`;

function compare(check: string, { url, method }: Incoming, config: Config, of: string): Finding {
  const wanted = addressOf(config);
  const fix = `In the Twilio console set the address for incoming messages of ${of} to ${wanted}, by POST.`;
  const [address, fragment] = url.split('#');
  if (url === '') return { check, status: 'failed', message: `${capital(of)} has no address: replies are lost.`, fix };
  if (address !== wanted.split('#')[0])
    return { check, status: 'failed', message: `${capital(of)} sends replies elsewhere.`, fix };
  if (method !== 'POST') return { check, status: 'failed', message: `${capital(of)} sends replies by ${method}.`, fix };
  if (`#${fragment ?? ''}` === callbackOverrides)
    return { check, status: 'ok', message: `${capital(of)} sends replies here.` };
  const message = `${capital(of)} sends replies here, and retries only when it cannot connect.`;
  return { check, status: 'warning', message, fix };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
