/** The parts of the payloads of an incident that are read from its history (src/workflows/contract.ts has all of them). */
import { Type } from 'typebox';
import { channels, incidentStates, itemKinds } from '../workflows/contract.js';

const optionalText = Type.Optional(Type.String());
const nullableText = Type.Union([Type.String(), Type.Null()]);
const Channels = Type.Enum([...channels]);
const Item = Type.Object({
  kind: Type.Enum([...itemKinds]),
  luid: Type.String(),
  name: Type.String(),
  site: Type.String(),
});
const Policy = Type.Object({ name: Type.String(), rerun: Type.Optional(Type.Unknown()) });

export const EventPayload = Type.Object({
  event: Type.Object({
    type: Type.String(),
    item: Item,
    createdAt: Type.Number(),
    untrueCreatedAt: Type.Optional(Type.Number()),
    receivedAt: Type.Number(),
  }),
  policy: Type.Optional(Policy),
});

export const AnswerPayload = Type.Object({
  answerId: Type.String(),
  episode: optionalText,
  verb: Type.Enum(['acknowledge', 'resolve', 'rerun', 'snooze']),
  by: Type.String(),
  contact: optionalText,
});
export const OutcomePayload = Type.Object({ result: Type.String() });

export const SentPayload = Type.Object({ pageId: Type.String(), at: Type.Number() });

export const PagingInput = Type.Object({
  messages: Type.Array(Type.Object({ contact: Type.String(), signal: Type.String(), payload: Type.Unknown() })),
});
export const PagePayload = Type.Object({
  pageId: Type.String(),
  channel: Channels,
  facts: Type.Object({ ended: Type.Optional(Type.Unknown()) }),
});
export const WithdrawPayload = Type.Object({
  episode: Type.String(),
  settled: Type.Object({ how: Type.String() }),
});

const Detail = Type.Object({
  project: optionalText,
  url: optionalText,
  tags: Type.Optional(Type.Array(Type.String())),
  consecutiveFailures: Type.Optional(Type.Number()),
  cause: optionalText,
  owner: optionalText,
  ownerRole: optionalText,
});
export const LookedUpPayload = Type.Object({ learnt: Detail });
export const PagingResult = Type.Object({
  silenced: Type.Optional(Type.Unknown()),
  lookedUp: Type.Optional(LookedUpPayload),
});
export const OnCallResult = Type.Object({ contacts: Type.Record(Type.String(), nullableText) });
export const RouteResult = Type.Object({ ignored: Type.String() });

export const RowPayload = Type.Object({ state: Type.Enum([...incidentStates]), policy: Type.String() });

/** What a run hands over when it continues as new. */
export const CarriedInput = Type.Object({
  carried: Type.Object({
    state: Type.Object({
      state: Type.Union([Type.Enum([...incidentStates]), Type.Null()]),
      item: Item,
      event: Type.String(),
      lastFailedAt: Type.Number(),
      lastSucceededAt: Type.Union([Type.Number(), Type.Null()]),
      seen: Type.Array(Type.String()),
      episode: nullableText,
      openedAt: Type.Number(),
      policy: Type.Union([Policy, Type.Null()]),
      pages: Type.Array(
        Type.Object({
          n: Type.Number(),
          contact: Type.String(),
          channel: Channels,
          requestedAt: Type.Number(),
          sentAt: Type.Optional(Type.Number()),
          why: optionalText,
        }),
      ),
      acknowledgedBy: Type.Optional(nullableText),
      acknowledgedContact: nullableText,
      detail: Type.Union([Detail, Type.Null()]),
      timeline: Type.Array(Type.Object({ at: Type.String(), type: Type.String() })),
    }),
  }),
});
