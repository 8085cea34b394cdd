/** The parts of the payloads of a pager that are read from its history (src/workflows/pager-contract.ts and activity-contract.ts have all of them). */
import { Type } from 'typebox';
import { channels, itemKinds } from '../workflows/contract.js';

const Channels = Type.Enum([...channels]);
const optionalText = Type.Optional(Type.String());

export const SendPayload = Type.Object({
  attempt: Type.String(),
  channel: Channels,
  text: Type.String(),
  answerSources: Type.Optional(Type.Object({ incidents: Type.Array(Type.String()) })),
  carries: Type.Optional(Type.Array(Type.String())),
});
export const SendResultPayload = Type.Object({ sid: Type.String() });
export const EndCallPayload = Type.Object({ sid: Type.String() });
/** The details of the failure of a send. */
export const SendFailurePayload = Type.Object({ code: Type.String() });

export const ReceiptPayload = Type.Object({
  attempt: Type.String(),
  sid: Type.String(),
  status: Type.String(),
  errorCode: optionalText,
});
export const ReplyPayload = Type.Object({
  channel: Channels,
  command: Type.Object({ verb: Type.String() }),
  messageSid: optionalText,
  attempt: optionalText,
  /** It is a button of a page, and answers no message of its channel. */
  isOnPage: Type.Optional(Type.Boolean()),
});
/** A page names the incident that a message carries. */
export const PagedPayload = Type.Object({
  incident: Type.String(),
  facts: Type.Object({ kind: Type.Enum([...itemKinds]), name: Type.String() }),
});
