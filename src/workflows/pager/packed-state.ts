/**
 * The state of a pager as it is handed over when it continues as new. A payload has 2 MB, and 5,000 items in plain objects
 * would not fit: strings that items share (site, event, cause, project, owner) are written once, and items are lists.
 */
import type { ItemKind } from '../contract.js';
import { answerIdOf, partsOf } from './answer-ids.js';
import type { Facts } from '../pager-contract.js';
import { channels, itemKinds, verbs } from '../contract.js';
import type { HeldPage } from './message-state.js';
import type { QueuedAnswer } from './reply-state.js';
import type { PagerState, PagedItem } from './state.js';

/**
 * The numbers of site, event, cause, project and owner are indexes into `strings`; -1 stands for what is missing. A new field goes to the end:
 * an item that an earlier version packed lacks it and gets its default.
 */
type PackedItem = [
  key: number,
  site: number,
  luid: string,
  episode: string,
  lastPage?: number,
  upTo?: number,
  answered?: number,
  shown?: 0 | 1,
  number?: number,
  numberedAt?: number,
  settled?: PagedItem['settled'] | 0,
  kind?: number,
  name?: string,
  event?: number,
  failures?: number,
  since?: number,
  cause?: number,
  project?: number,
  owner?: number,
  rest?: Partial<Facts> | 0,
];

/** `channel` and `others` are indexes; 0 stands for what is missing. A page that an earlier version packed is an object. */
type PackedPage = [
  key: number,
  n: number,
  channel: number,
  until: number,
  reportedUntil: number,
  receivedAt: number,
  isFirstStep: 0 | 1,
  others: number[] | 0,
  quietUntil: number,
  quietFrom: number,
];

/**
 * One `ALL` queues an answer for every item. `reply` is an index into `strings`, `verb` one into `verbs`; 0 stands for what is missing. An answer
 * that an earlier version packed is an object.
 */
type PackedAnswer = [key: number, reply: number, verb: number, durationMs: number, tries: number, notBefore: number];

/** Fields that a message of an earlier version may lack; lists of its own, since they grow. */
const outgoingDefaults = () => ({ tried: [], confirmation: null, others: [], isPrompt: false });

export interface PackedPager extends Omit<PagerState, 'items' | 'held' | 'answers'> {
  strings: string[];
  held: (PackedPage | HeldPage)[];
  answers: (PackedAnswer | QueuedAnswer)[];
  items: PackedItem[];
}

export function packPager(state: PagerState): PackedPager {
  const strings: string[] = [];
  const known = new Map<string, number>();
  const shared = (text: string | undefined): number => {
    if (text === undefined) return -1;
    const at = known.get(text) ?? strings.push(text) - 1;
    known.set(text, at);
    return at;
  };
  const items = state.items.map((item): PackedItem => {
    const { kind, name, event, failures, since, cause, project, owner, ...rest } = item.facts;
    const cut = item.incident.lastIndexOf(':') + 1;
    return [
      item.key,
      shared(item.incident.slice(0, cut)),
      item.incident.slice(cut),
      item.episode,
      item.lastPage,
      item.upTo,
      item.answered,
      item.shown ? 1 : 0,
      item.number ?? -1,
      item.numberedAt,
      item.settled ?? 0,
      itemKinds.indexOf(kind),
      name,
      shared(event),
      failures,
      since,
      shared(cause),
      shared(project),
      shared(owner),
      Object.keys(rest).length > 0 ? rest : 0,
    ];
  });
  const held = state.held.map(
    ({
      key,
      n,
      channel,
      until,
      reportedUntil,
      receivedAt = 0,
      isFirstStep,
      others,
      quietUntil = 0,
      quietFrom = 0,
    }): PackedPage => [
      key,
      n,
      channels.indexOf(channel),
      until,
      reportedUntil,
      receivedAt,
      isFirstStep ? 1 : 0,
      others?.map(shared) ?? 0,
      quietUntil,
      quietFrom,
    ],
  );
  const answers = state.answers.map(
    ({ key, answerId, verb, durationMs = 0, tries = 0, notBefore = 0 }): PackedAnswer => [
      key,
      shared(partsOf(answerId).replyId),
      verbs.indexOf(verb),
      durationMs,
      tries,
      notBefore,
    ],
  );
  return { ...state, strings, items, held, answers };
}

const unpackAnswer =
  (text: (at: number) => string) =>
  (answer: PackedAnswer | QueuedAnswer): QueuedAnswer => {
    if (!Array.isArray(answer)) return answer;
    const [key, reply, verb, durationMs, tries, notBefore] = answer;
    return {
      key,
      answerId: answerIdOf(text(reply), key),
      verb: verbs[verb] ?? 'acknowledge',
      ...(durationMs === 0 ? {} : { durationMs }),
      ...(tries === 0 ? {} : { tries, notBefore }),
    };
  };

const unpackPage =
  (text: (at: number) => string) =>
  (page: PackedPage | HeldPage): HeldPage => {
    if (!Array.isArray(page)) return page;
    const [key, n, channel, until, reportedUntil, receivedAt, isFirstStep, others, quietUntil, quietFrom] = page;
    return {
      key,
      n,
      channel: channels[channel] ?? 'sms',
      until,
      reportedUntil,
      ...(others === 0 ? {} : { others: others.map(text) }),
      ...(isFirstStep === 1 ? { isFirstStep: true } : {}),
      ...(receivedAt === 0 ? {} : { receivedAt }),
      ...(quietUntil === 0 ? {} : { quietUntil }),
      ...(quietFrom === 0 ? {} : { quietFrom }),
    };
  };

/** @param defaults for what an earlier version did not know */
export function unpackPager(
  defaults: PagerState,
  { strings, items, held, answers, ...state }: PackedPager,
): PagerState {
  const text = (at: number): string => strings[at] ?? '';
  const kindAt = (at: number): ItemKind => itemKinds[at] ?? 'item';
  return {
    ...defaults,
    ...state,
    version: 1,
    settings: { ...defaults.settings, ...state.settings },
    recentSends: { ...defaults.recentSends, ...state.recentSends },
    held: (held ?? []).map(unpackPage(text)),
    answers: (answers ?? []).map(unpackAnswer(text)),
    outbox: (state.outbox ?? []).map((out) => ({ ...outgoingDefaults(), ...out })),
    items: items.map(([key, site, luid, episode, lastPage = 0, upTo = 0, answered = 0, shown = 0, ...more]) => {
      const [number = -1, numberedAt = 0, settled = 0, kind = -1, name = '', event = -1, ...facts] = more;
      const [failures = 1, since = 0, cause = -1, project = -1, owner = -1, rest = 0] = facts;
      return {
        key,
        incident: `${text(site)}${luid}`,
        episode,
        lastPage,
        upTo,
        answered,
        shown: shown === 1,
        number: number < 0 ? null : number,
        numberedAt,
        settled: settled === 0 ? null : settled,
        facts: {
          kind: kindAt(kind),
          name,
          event: text(event),
          failures,
          since,
          ...(cause < 0 ? {} : { cause: text(cause) }),
          ...(project < 0 ? {} : { project: text(project) }),
          ...(owner < 0 ? {} : { owner: text(owner) }),
          ...(rest === 0 ? {} : rest),
        },
      };
    }),
  };
}
