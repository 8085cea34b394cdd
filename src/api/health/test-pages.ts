/** Test pages from the page of health: a notice to the pager of a contact, since the api has no key of Twilio. */
import type { Client } from '@temporalio/client';
import { addressOf, type Escalation } from '../../policy/route.js';
import { channelTraits, channelWord } from '../../workflows/channels.js';
import { minute, type Channel } from '../../workflows/contract.js';
import { signalNotice } from '../pagers.js';
import { problem } from '../problem.js';
import type { TemporalGateway } from '../temporal-gateway.js';

export interface TestPageRequest {
  /** A uuid of the form: the same form sent twice is one page. */
  id: string;
  contact: string;
  channel: Channel;
}

export interface TestPagesOptions {
  temporal: Pick<TemporalGateway, 'request' | 'timeouts'>;
  escalation: () => Escalation;
  /** Of this service, so that the contact knows who sends. */
  host: string;
  clock: () => number;
}

interface Counted {
  id: string;
  contact: string;
  at: number;
  /** Null: Temporal may not have it, so that the same form sends it again. */
  sent: Promise<void> | null;
}

const windowMs = 10 * minute;
/** Within the window, in this process. The hourly limit of the contact holds as well. */
const most = { contact: 3, all: 20 } as const;

/** Throws a Problem for a contact or a channel that there is not, for too many, and `temporalUnavailable`. */
export function createTestPages({ temporal, escalation, host, clock }: TestPagesOptions) {
  let recent: Counted[] = [];

  function count(id: string, contact: string, now: number): Counted {
    recent = recent.filter(({ at }) => at > now - windowMs);
    const ofContact = recent.filter((one) => one.contact === contact);
    const full = ofContact.length >= most.contact ? ofContact : recent.length >= most.all ? recent : [];
    const [first] = full;
    if (first === undefined) {
      const counted = { id, contact, at: now, sent: null };
      recent.push(counted);
      return counted;
    }
    const seconds = Math.ceil((first.at + windowMs - now) / 1_000);
    throw problem(429, 'TOO_MANY_TEST_PAGES', `Too many test pages were sent. Try again in ${seconds} s.`, {
      headers: { 'retry-after': String(seconds) },
    });
  }

  return async (request: TestPageRequest): Promise<void> => {
    const inForce = escalation();
    const { id, contact, channel } = request;
    if (addressOf(inForce, contact, channel) === undefined)
      throw problem(400, 'NO_ADDRESS', 'There is no such contact in the escalation file, or no such address.');
    // Counted before Temporal has it: requests at the same time would pass the limit together.
    const counted = recent.find((one) => one.id === id) ?? count(id, contact, clock());
    if (counted.sent) return counted.sent;
    const text =
      `TEST by ${channelWord(channel)}: no refresh has failed, nothing is to be done. ` +
      `${host} ${channelTraits[channel].isCall ? 'calls' : 'sends this'} to try how it reaches ${contact}.`;
    const notice = { noticeId: `test:${id}`, kind: 'text', text, channel } as const;
    counted.sent = temporal
      .request(temporal.timeouts.readTimeoutMs, (client: Client) => signalNotice(client, inForce, contact, notice))
      .catch((error: unknown) => {
        counted.sent = null;
        throw error;
      });
    return counted.sent;
  };
}
