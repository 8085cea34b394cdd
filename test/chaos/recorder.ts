/** Records in the ledger what our endpoints answered and what reached the phones, at the moment it happens. */
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Exchange } from './endpoint.js';
import type { Case, Channel, Ledger } from './ledger.js';
import type { Random } from './random.js';
import type { StageEvents, Stage } from './stages.js';

export interface Recorder {
  requested: (exchange: Exchange) => void;
  answered: (exchange: Exchange) => void;
  /** Reads one line of the sandbox's log. */
  log: (line: string) => void;
  /** Copies the requests to Twilio; called regularly, as the sandbox keeps only the newest. */
  drain: () => void;
}

interface Parts {
  ledger: Ledger;
  stageEvents: StageEvents;
  random: Random;
  sandbox: () => Sandbox | null;
}

const eventIn = (body: string): { type: string; name: string } | null => {
  const [, type] = /"event_type":"(\w+)"/.exec(body) ?? [];
  const [, name] = /"resource_name":"([\w-]+)"/.exec(body) ?? [];
  return type === undefined || name === undefined ? null : { type, name };
};

export function createRecorder({ ledger, stageEvents, random, sandbox }: Parts): Recorder {
  const seen = new Set<string>();
  let drainedUntil = 0;

  /** Reports a waiting stage a little later, unless a page or an answer came meanwhile. */
  const soon = (stage: Stage, subject: Case): void => {
    const { pages, answers } = subject;
    const before = { pages: pages.length, answers: answers.length };
    setTimeout(
      () => {
        if (pages.length === before.pages && answers.length === before.answers) stageEvents.reach(stage, subject.name);
      },
      random.between(200, 2_000),
    );
  };

  function paged(channel: Channel, subjects: readonly Case[]): void {
    for (const subject of subjects) {
      if (channel !== 'call') stageEvents.reach('sending', subject.name);
      soon(channel === 'call' ? 'ringing' : channel, subject);
    }
  }

  function messagesTo(number: string): void {
    for (const message of sandbox()?.phones.get(number).messages ?? []) {
      if (message.direction === 'inbound' || seen.has(message.sid)) continue;
      seen.add(message.sid);
      paged(message.channel, ledger.message(message, number));
    }
  }

  function callsTo(number: string): void {
    const world = sandbox();
    for (const call of world?.phones.get(number).calls ?? []) {
      if (call.status !== 'ringing' || seen.has(call.sid)) continue;
      seen.add(call.sid);
      const request = world
        ?.requests({ target: 'twilio.calls', since: call.at - 60_000 })
        .find(({ sid }) => sid === call.sid);
      paged('call', ledger.call(call, number, request?.body ?? ''));
    }
  }

  return {
    requested({ method, url, body }) {
      if (method !== 'POST') return;
      if (url.startsWith('/notifier/') && eventIn(body)?.type.endsWith('RefreshFailed')) {
        stageEvents.reach('webhook', eventIn(body)?.name ?? '');
      }
      if (!url.startsWith('/twilio/status?')) return;
      const form = new URLSearchParams(body);
      const sid = form.get('MessageSid') ?? form.get('CallSid');
      const attempt = new URL(url, 'http://endpoint').searchParams.get('attempt');
      if (sid !== null && attempt !== null) ledger.receipt(sid, attempt);
    },
    answered({ method, url, body, status, answeredAt }) {
      const event = method === 'POST' && url.startsWith('/notifier/') ? eventIn(body) : null;
      const subject = event === null ? undefined : ledger.cases.get(event.name);
      if (!event || !subject) return;
      ledger.log(subject, `${event.type}: ${status}`);
      if (status !== 200) return;
      if (event.type.endsWith('RefreshFailed')) {
        if (subject.acceptedAt === null) stageEvents.reach('accepted', subject.name);
        subject.acceptedAt ??= answeredAt;
      } else if (event.type.endsWith('RefreshSucceeded')) subject.recoveredAt ??= answeredAt;
    },
    log(line) {
      const [, phone] = /^Phone (\+\d+) gets /.exec(line) ?? [];
      if (phone !== undefined) messagesTo(phone);
      const [, called] = /^Twilio: call to (\+\d+) is ringing/.exec(line) ?? [];
      if (called !== undefined) callsTo(called);
    },
    drain() {
      const since = drainedUntil;
      drainedUntil = Date.now() - 60_000;
      for (const request of sandbox()?.requests({ target: 'twilio', since }) ?? []) {
        if (request.sid !== undefined && request.method === 'POST') ledger.posts.set(request.sid, request);
      }
    },
  };
}
