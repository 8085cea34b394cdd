/**
 * Templates at Twilio's Content API, for the command that makes ours: https://www.twilio.com/docs/content/content-api-resources
 */
import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { TwilioClient } from './client.js';
import { understand } from './errors.js';
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
  /** Why it was rejected, as WhatsApp says it; else empty. */
  reason: string;
}

/** All of it throws an Error for people: what happened and what to do, without credentials. */
export interface ContentDoor {
  /** All with this name, of which Twilio allows several. */
  named: (name: string) => Promise<Content[]>;
  /** Null for a sid that Twilio does not know. */
  get: (sid: string) => Promise<Content | null>;
  /** Gives its sid. A copy is made when it is asked for twice. */
  create: (name: string) => Promise<string>;
  approval: (sid: string) => Promise<Approval>;
  /** Hands it to WhatsApp, after which it can be changed no more. */
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
const most = 10_000;

export function createContentDoor(twilio: TwilioClient, template: PageTemplate): ContentDoor {
  const { contents } = twilio.content.v1;

  /** The official client's own `create` sends names that the API does not know: https://github.com/twilio/twilio-node/pull/1046 */
  async function post<T extends TSchema>(path: string, data: object, schema: T): Promise<Static<T>> {
    const headers = { 'Content-Type': 'application/json' };
    const uri = `https://content.twilio.com/v1/Content${path}`;
    const answer: unknown = await twilio.request({ method: 'post', uri, headers, data });
    const { statusCode, body } = Value.Parse(Answer, answer);
    const value: unknown = typeof body === 'string' ? JSON.parse(body) : body;
    if (statusCode < 300) return Value.Parse(schema, value);
    const { code, message = '' } = Value.Check(Refusal, value) ? value : {};
    throw Object.assign(new Error(message), { status: statusCode, code });
  }

  const shown = (one: { sid: string; friendlyName: string; language: string; types: unknown }): Content => ({
    sid: one.sid,
    name: one.friendlyName,
    same: one.language === template.language && hasWordsOf(one.types, template),
  });

  return {
    named: (name) =>
      understood(async () =>
        (await contents.list({ pageSize: 500, limit: most })).map(shown).filter((one) => one.name === name),
      ),
    get: (sid) =>
      understood(async () => {
        const content = await orNull(contents(sid).fetch());
        return content === null ? null : shown(content);
      }),
    create: (name) =>
      understood(async () => {
        const { language, body, samples, buttons } = template;
        const types = { 'twilio/quick-reply': { body, actions: buttons } };
        const data = { friendly_name: name, language, variables: samples, types };
        return (await post('', data, Created)).sid;
      }),
    approval: (sid) =>
      understood(async () => {
        const fetched = await orNull(contents(sid).approvalFetch().fetch());
        // How one is shown that was never handed in is not documented.
        return Value.Check(Status, fetched?.whatsapp) ? approvalOf(fetched.whatsapp) : unsubmitted;
      }),
    submit: (sid, name) =>
      understood(async () =>
        approvalOf(await post(`/${sid}/ApprovalRequests/whatsapp`, { name, category: 'UTILITY' }, Status)),
      ),
  };
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

/** Without a cause: what the client throws carries the request, credentials included. */
const understood = <T>(work: () => Promise<T>): Promise<T> =>
  work().catch((error: unknown) => Promise.reject(new Error(understand(error).message)));
