/** What really happened, for pages and scripts: whoever waits for it gets what was read so far, and the rest is read meanwhile. */
import { createArchive, type Archive, type Episodes, type Messages, type Progress } from '../../history/archive.js';
import type { EscalationSource } from '../../policy/escalation-source.js';
import { isTimeZone } from '../../policy/local-time.js';
import { isComplete, retentionNotes, unreadNotes } from '../../report/notes.js';
import { earliestOf, periodsAt } from '../../report/periods.js';
import { reportOf } from '../../report/report.js';
import type { ReportView } from '../../report/schema.js';
import { readRetentionMs } from '../../temporal/retention.js';
import { minute } from '../../workflows/contract.js';
import { cached } from '../cached.js';
import { problem } from '../problem.js';
import type { TemporalGateway } from '../temporal-gateway.js';

/** A page is complete in less than two seconds, or says that it is not. */
const waitMs = 1_500;
/** So that pages take nothing from webhooks and replies. */
const atOnce = 4;
const maxBytes = 64 * 2 ** 20;
const retentionAgeMs = minute;

interface Options {
  temporal: TemporalGateway;
  escalation: EscalationSource;
  /** Milliseconds since the epoch. */
  clock: () => number;
  draining: AbortSignal;
}

export interface HistoryReader {
  /** @param zone a time zone of IANA; another one is a 400 */
  report: (sinceMs: number, zone: string) => Promise<ReportView>;
  /** `notes`: sentences on what is missing. */
  messages: (sinceMs: number) => Promise<Messages & { notes: string[] }>;
  /** How far the reading for the report, or for the messages, is: a short text. */
  progress: (of: 'report' | 'messages', sinceMs: number) => Promise<string>;
}

type Counts = Pick<Progress, 'read' | 'of'>;
const textOf = (parts: readonly Counts[]): string => parts.map(({ read, of }) => `${read}-${of ?? ''}`).join('.');
export const progressOf = ({ incidents, pagers }: Pick<ReportView, 'incidents' | 'pagers'>): string =>
  textOf([pagers, incidents]);
export const messagesProgress = (messages: Progress): string => textOf([messages]);

export function createHistoryReader({ temporal, escalation, clock, draining }: Options): HistoryReader {
  const { request } = temporal;
  const archive: Archive = createArchive({ request, atOnce, maxBytes, clock: Date.now, stopped: draining });
  const retention = cached(
    async () => {
      try {
        return await request(temporal.timeouts.readyTimeoutMs, readRetentionMs);
      } catch {
        // A note says that it is not known.
        return null;
      }
    },
    retentionAgeMs,
    Date.now,
  );

  async function read(since: number, wait: number): Promise<{ incidents: Episodes; pagers: Messages }> {
    const wanted = { since, waitMs: wait };
    const [pagers, incidents] = await Promise.all([archive.messages(wanted), archive.episodes(wanted)]);
    return { pagers, incidents };
  }

  /** What is complete is not asked for again at once: pages that became complete stay open. */
  const complete = new Map<string, { text: string; until: number }>();
  async function progress(of: 'report' | 'messages', sinceMs: number): Promise<string> {
    const key = `${of} ${sinceMs}`;
    const known = complete.get(key);
    if (known && Date.now() < known.until) return known.text;
    const since = of === 'messages' ? clock() - sinceMs : sinceOf(sinceMs);
    const wanted = { since, waitMs: 0 };
    const parts = of === 'messages' ? [await archive.messages(wanted)] : Object.values(await read(since, 0));
    const text = textOf(parts);
    complete.delete(key);
    if (complete.size > 50) complete.clear();
    if (parts.every(isComplete)) complete.set(key, { text, until: Date.now() + minute });
    return text;
  }

  const sinceOf = (sinceMs: number): number => earliestOf(periodsAt(clock(), sinceMs, 'UTC'));

  return {
    report: async (sinceMs, zone) => {
      if (!isTimeZone(zone)) throw problem(400, 'BAD_ZONE', 'zone must be an IANA time zone, such as Europe/Berlin.');
      const periods = periodsAt(clock(), sinceMs, zone);
      const [happened, keptMs] = await Promise.all([read(earliestOf(periods), waitMs), retention()]);
      return reportOf({ escalation: escalation.current(), ...happened, keptMs }, periods, zone);
    },
    messages: async (sinceMs) => {
      const wanted = { since: clock() - sinceMs, waitMs };
      const [messages, keptMs] = await Promise.all([archive.messages(wanted), retention()]);
      return {
        ...messages,
        notes: [...unreadNotes(messages), ...retentionNotes(keptMs, sinceMs, 'older messages may be missing')],
      };
    },
    progress,
  };
}
