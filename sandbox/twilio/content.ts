/** Validates templates of the Content API and simulates their review by WhatsApp. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { restError, type RestError } from './errors.js';
import type { Template } from './world.js';

const QuickReply = Type.Object({
  body: Type.String({ minLength: 1, maxLength: 1024 }),
  actions: Type.Array(
    Type.Object({
      title: Type.String({ minLength: 1, maxLength: 20 }),
      id: Type.Optional(Type.String({ maxLength: 200 })),
    }),
    { minItems: 1, maxItems: 10 },
  ),
});
const Text = Type.Object({ body: Type.String({ minLength: 1, maxLength: 1600 }) });
const Request = Type.Object({
  friendly_name: Type.Optional(Type.String()),
  language: Type.String({ pattern: '^[a-z]{2}(_[A-Z]{2})?$' }),
  variables: Type.Optional(Type.Record(Type.String({ pattern: '^\\w{1,16}$' }), Type.String())),
  types: Type.Object({ 'twilio/quick-reply': Type.Optional(QuickReply), 'twilio/text': Type.Optional(Text) }),
});

// 20001 is Twilio's "invalid parameter"; the codes of the Content API are not documented.
const invalid = (message: string): RestError => restError(20001, message);

/** https://www.twilio.com/docs/content/content-api-resources#create-templates */
export const readContent = (body: unknown): Template | RestError => {
  if (!Value.Check(Request, body)) {
    const path = Value.Errors(Request, body)[0]?.instancePath;
    return invalid(`Invalid ${path ? path.slice(1) : 'request: language and types are required'}`);
  }
  const { 'twilio/quick-reply': quickReply, 'twilio/text': text } = body.types;
  const words = quickReply?.body ?? text?.body;
  if (words === undefined) return invalid('Invalid types. At least one content type definition is required');
  const actions = quickReply?.actions ?? [];
  return {
    body: words,
    buttons: actions.map(({ title, id }) => ({ title, id: id ?? title })),
    content: {
      friendlyName: body.friendly_name ?? '',
      language: body.language,
      variables: body.variables ?? {},
      createdAt: Date.now(),
      approval: { status: 'unsubmitted', name: '', category: '', reason: '' },
    },
  };
};

const Approval = Type.Object({
  name: Type.String({ pattern: '^[a-z0-9_]{1,512}$' }),
  category: Type.Union([Type.Literal('UTILITY'), Type.Literal('MARKETING'), Type.Literal('AUTHENTICATION')]),
});

/** Submits a template to WhatsApp, which rejects some at once. Gives the error of the request, or null. */
export const submit = (content: NonNullable<Template['content']>, words: string, body: unknown): RestError | null => {
  if (!Value.Check(Approval, body)) return invalid('Invalid name or category');
  if (content.approval.status !== 'unsubmitted') return invalid('The template has been submitted before');
  const reason = rejectionReason(words, content.variables);
  content.approval = { ...body, status: reason === '' ? 'received' : 'rejected', reason };
  return null;
};

/** https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses */
const rejectionReason = (words: string, samples: Record<string, string>): string => {
  const names = [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name);
  if (/^\s*\{\{|\}\}\s*$/.test(words)) return 'INVALID_FORMAT: a variable begins or ends the text';
  if (/\}\}\s*\{\{/.test(words)) return 'INVALID_FORMAT: two variables are side by side';
  if (names.some((name) => !samples[name]?.trim())) return 'INVALID_FORMAT: a variable has no sample';
  const own = words.replaceAll(/\{\{\w+\}\}/g, ' ').match(/\p{L}+/gu)?.length ?? 0;
  return own < 2 * names.length + 1 ? 'INVALID_FORMAT: too many variables for so few words' : '';
};
