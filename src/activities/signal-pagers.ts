import { activityInfo } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { reasonOf } from '../temporal/errors.js';
import type {
  PagerMessage,
  PagingActivities,
  SignallingResult,
  SilenceActivities,
  TableauActivities,
} from '../workflows/activity-contract.js';
import { withLearnt } from '../workflows/facts.js';
import { type ItemDetail } from '../workflows/contract.js';
import { pagerStart, pagerType, type InQuietHours, type PagerSettings } from '../workflows/pager-contract.js';
import type { SilenceSubject } from '../workflows/on-call-contract.js';
import { staleAfterMs } from './pending-answers.js';

export interface PagingDependencies {
  client: Client;
  /** As of now: the escalation file may change. */
  settings: () => PagerSettings;
  /** The quiet hours in which the contact is now (without `from`), or the next ones; null where there are none. */
  quietHours?: (contact: string) => { from?: number; until: number } | null;
  lookUp: TableauActivities['lookUp'];
  findSilence?: SilenceActivities['findSilence'];
}

/** All messages of one contact within this time, so that a pager that cannot be signalled delays the others by no more. */
const contactTimeoutMs = 5_000;

/** Before stale pages are signalled, answers get this long to reach the incident. */
const answerHeadStartMs = 2_000;

/**
 * Signals pagers for incidents. The signal starts a pager that does not run, so that no page depends on what became of an earlier
 * run.
 */
export function createPagingActivities({
  client,
  settings: settingsNow,
  quietHours,
  lookUp,
  findSilence,
}: PagingDependencies): PagingActivities {
  function quietOf({ contact, payload }: PagerMessage): Pick<InQuietHours, 'quietUntil' | 'quietFrom'> {
    const keeps = 'keepsQuietHours' in payload && payload.keepsQuietHours;
    const quiet = (keeps && quietHours?.(contact)) || null;
    if (quiet === null) return {};
    return { quietUntil: quiet.until, ...(quiet.from !== undefined && { quietFrom: quiet.from }) };
  }

  async function signalPager(
    message: PagerMessage,
    paged: readonly string[],
    first: { isFirstStep?: true },
  ): Promise<void> {
    const { contact, signal } = message;
    const settings = settingsNow();
    const others = paged.filter((one) => one !== contact);
    const forPage = message.signal === 'page' ? { settings, others, ...first } : {};
    const payload = { ...message.payload, ...forPage, ...quietOf(message) };
    await client.workflow.signalWithStart(pagerType, {
      ...pagerStart(contact, settings),
      signal,
      signalArgs: [payload],
    });
  }

  /**
   * In order: a page must reach its pager before its withdrawal. Pagers ignore copies, so a retry may repeat all of it.
   * @returns why the pager did not take all of them; null when it did
   */
  async function signalContact(
    messages: readonly PagerMessage[],
    paged: readonly string[],
    first: { isFirstStep?: true },
  ): Promise<string | null> {
    try {
      await client.withDeadline(Date.now() + contactTimeoutMs, async () => {
        for (const message of messages) await signalPager(message, paged, first);
      });
      return null;
    } catch (error) {
      return reasonOf(error);
    }
  }

  async function signalAll(
    messages: readonly PagerMessage[],
    paged: readonly string[],
    first: { isFirstStep?: true },
  ): Promise<SignallingResult> {
    const contacts = [...new Set(messages.map(({ contact }) => contact))];
    const results = await Promise.all(
      contacts.map(async (contact) => {
        const theirs = messages.filter((message) => message.contact === contact);
        return { contact, why: await signalContact(theirs, paged, first) };
      }),
    );
    return { unreached: results.flatMap(({ contact, why }) => (why === null ? [] : [{ contact, why }])) };
  }

  /** Signals all, or what is no page where a silence covers the item. */
  async function unlessSilenced(
    messages: readonly PagerMessage[],
    subject: SilenceSubject | undefined,
    signal: (some: readonly PagerMessage[]) => Promise<SignallingResult>,
  ): Promise<SignallingResult> {
    const silenced = (subject && (await findSilence?.(subject))) ?? null;
    if (silenced === null) return signal(messages);
    return { ...(await signal(messages.filter((message) => message.signal !== 'page'))), silenced };
  }

  return {
    async signalPagers({ messages, dueAt, paged = [], lookUp: request, subject }) {
      const { attempt, scheduledTimestampMs: scheduledAt } = activityInfo();
      const pagedNow = messages.flatMap(({ signal, contact }) => (signal === 'page' ? [contact] : []));
      // The worker was frozen or dead: somebody may have answered meanwhile, and the incident gets time to process it. The first attempt
      // alone fails, because a clock may be wrong.
      const isStale = Date.now() - Math.min(scheduledAt, dueAt ?? scheduledAt) > staleAfterMs;
      if (pagedNow.length > 0 && isStale && attempt === 1) throw stalePages();
      const allPaged = [...new Set([...paged, ...pagedNow])];
      // Before a later attempt somebody else may have got the page, and answered.
      const first = paged.length === 0 && attempt === 1 ? ({ isFirstStep: true } as const) : {};
      if (!request) return unlessSilenced(messages, subject, (some) => signalAll(some, allPaged, first));
      // Its list is read meanwhile, so that the pages do not wait for it.
      if (subject) void findSilence?.(subject);
      const askedAt = Date.now();
      const lookedUp = await lookUp(request);
      // This process was frozen meanwhile.
      const isLate = Date.now() - askedAt > request.withinMs + staleAfterMs;
      if (pagedNow.length > 0 && isLate && attempt === 1) throw stalePages();
      const informed = messages.map((message) => withLearnt(message, lookedUp.learnt));
      const known = subject && subjectWith(subject, lookedUp.learnt);
      return {
        ...(await unlessSilenced(informed, known, (some) => signalAll(some, allPaged, first))),
        lookedUp,
      };
    },
    // Somebody may have answered since its step began, so that none of these is a prompt first page.
    retryPager: ({ messages, paged }) => signalAll(messages, paged, {}),
  };
}

/** What Tableau knows of an item goes before what its event says. */
const subjectWith = (
  subject: SilenceSubject,
  { name, project, isProjectName, tags }: Partial<ItemDetail>,
): SilenceSubject => ({
  ...subject,
  ...(name !== undefined && { name }),
  ...(project !== undefined && !isProjectName && { project }),
  ...(tags !== undefined && { tags }),
});

const stalePages = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'stale-attempt',
    message: 'The pages were due some time ago; the incident may withdraw them before the next attempt.',
    nextRetryDelay: answerHeadStartMs,
  });
