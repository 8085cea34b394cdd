/**
 * Templates at Twilio's Content API, for the command that creates ours: https://www.twilio.com/docs/content/content-api-resources
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { TwilioClient } from './client.js';
import { orPlainError } from './errors.js';
import type { PageTemplate } from './page-template.js';

export interface Content {
  sid: string;
  name: string;
  /** Whether it has the words, buttons and language of the template that it was compared with. */
  same: boolean;
}

export interface Approval {
  /** `unsubmitted`, `received`, `pending`, `approved`, `rejected`, `paused` or `disabled`. */
  status: string;
  /** Why it was rejected, in WhatsApp's words; else empty. */
  reason: string;
}

/** Every method throws an Error for the person at the terminal: what happened and what to do, without credentials. */
export interface ContentApi {
  /** All templates with this name, of which Twilio allows several. */
  named: (name: string) => Promise<Content[]>;
  /** Null for a sid that Twilio does not know. */
  get: (sid: string) => Promise<Content | null>;
  /** Gives the sid of a new template. Not idempotent. */
  create: (name: string) => Promise<string>;
  approval: (sid: string) => Promise<Approval>;
  /** Submits the template to WhatsApp, after which it cannot be changed. */
  submit: (sid: string, name: string) => Promise<Approval>;
}

const QuickReply = Type.Object({
  'twilio/quick-reply': Type.Object({
    body: Type.String(),
    actions: Type.Array(Type.Object({ title: Type.String(), id: Type.String() })),
  }),
});
const Status = Type.Object({
  status: Type.String(),
  rejection_reason: Type.Optional(Type.Union([Type.String(), Type.Null()])),
});
const Created = Type.Object({ sid: Type.String({ pattern: '^HX[0-9a-fA-F]{32}$' }) });
const Answer = Type.Object({ statusCode: Type.Number(), body: Type.Unknown() });
const Refusal = Type.Object({ code: Type.Optional(Type.Number()), message: Type.Optional(Type.String()) });

/** Far more than WhatsApp lets an account have. */
const maxListed = 10_000;

export function createContentApi(twilio: TwilioClient, template: PageTemplate): ContentApi {
  const { contents } = twilio.content.v1;
  const contentOf = (one: { sid: string; friendlyName: string; language: string; types: unknown }): Content => ({
    sid: one.sid,
    name: one.friendlyName,
    same: one.language === template.language && hasWordsOf(one.types, template),
  });

  return {
    named: (name) =>
      orPlainError(async () => {
        const all = await contents.list({ pageSize: 500, limit: maxListed });
        return all.map(contentOf).filter((one) => one.name === name);
      }),
    get: (sid) =>
      orPlainError(async () => {
        const content = await orNull(contents(sid).fetch());
        return content === null ? null : contentOf(content);
      }),
    create: (name) =>
      orPlainError(async () => {
        const { language, body, samples, buttons } = template;
        const types = { 'twilio/quick-reply': { body, actions: buttons } };
        const data = { friendly_name: name, language, variables: samples, types };
        return (await post(twilio, '', data, Created)).sid;
      }),
    approval: (sid) =>
      orPlainError(async () => {
        const fetched = await orNull(contents(sid).approvalFetch().fetch());
        // The form of a template that was never submitted is not documented.
        return Value.Check(Status, fetched?.whatsapp) ? approvalOf(fetched.whatsapp) : unsubmitted;
      }),
    submit: (sid, name) =>
      orPlainError(async () => {
        const data = { name, category: 'UTILITY' };
        return approvalOf(await post(twilio, `/${sid}/ApprovalRequests/whatsapp`, data, Status));
      }),
  };
}

/** The official client's own `create` sends names that the API does not know: https://github.com/twilio/twilio-node/pull/1046 */
async function post<T extends TSchema>(
  twilio: TwilioClient,
  path: string,
  data: object,
  schema: T,
): Promise<Static<T>> {
  const headers = { 'Content-Type': 'application/json' };
  const uri = `https://content.twilio.com/v1/Content${path}`;
  const answer: unknown = await twilio.request({ method: 'post', uri, headers, data });
  const { statusCode, body } = Value.Parse(Answer, answer);
  const value: unknown = typeof body === 'string' ? JSON.parse(body) : body;
  if (statusCode < 300) return Value.Parse(schema, value);
  const { code, message = '' } = Value.Check(Refusal, value) ? value : {};
  throw Object.assign(new Error(message), { status: statusCode, code });
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && 'status' in error && error.status === 404) return null;
    throw error;
  }
}

const unsubmitted: Approval = { status: 'unsubmitted', reason: '' };
const approvalOf = ({ status, rejection_reason }: Static<typeof Status>): Approval => ({
  status: status.toLowerCase(),
  reason: rejection_reason ?? '',
});

function hasWordsOf(types: unknown, { body, buttons }: PageTemplate): boolean {
  if (!Value.Check(QuickReply, types)) return false;
  const { body: theirs, actions } = types['twilio/quick-reply'];
  const words = (list: readonly { title: string; id: string }[]) =>
    list.map(({ title, id }) => `${id} ${title}`).join('\n');
  return theirs === body && words(actions) === words(buttons);
}
