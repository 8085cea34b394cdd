/**
 * A contact who was paged: answers as planned, retries an answer that was not accepted, and answers again when no confirmation
 * arrives.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal } from '../../sandbox/phones.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { addressOn } from '../../sandbox/twilio/world.js';
import type { Arrival, Case, Ledger } from './ledger.js';
import type { StageEvents } from './stages.js';

export interface World {
  sandbox: Sandbox;
  ledger: Ledger;
  stageEvents: StageEvents;
  /** `POST /incidents/<id>/acknowledge`; gives whether it was accepted. */
  acknowledge: (id: string) => Promise<boolean>;
  /** The longest wait for anything. */
  timeoutMs: number;
}

const retryMs = 3_000;
const confirmationTimeoutMs = 20_000;
const maxTries = 30;
/** Time for a requested refresh to start and for a snooze to take effect. */
const effectMs = 1_500;

/** Answers until the answer is accepted and, for a text, confirmed; false when it was not, or no page came. */
export async function answer(world: World, subject: Case): Promise<boolean> {
  const { plan } = subject;
  const first = await awaitPage(world, subject);
  if (first === null && plan.how !== 'api') return false;
  await pause(plan.afterMs);
  for (let n = 0; n < maxTries && subject.answers.length === 0; n += 1) {
    if (!(await answerOnce(world, subject))) await pause(retryMs);
    // It was accepted, although the HTTP answer was lost.
    const confirmation = confirmationOf(subject);
    if (confirmation !== null && subject.answers.length === 0) {
      world.ledger.answer(subject, { at: confirmation, how: plan.how });
    }
  }
  return subject.answers.length > 0 && (await confirmed(world, subject));
}

/** The page to answer: the first by the planned channel, or any when that one does not come. */
async function awaitPage({ timeoutMs }: World, subject: Case): Promise<Arrival | null> {
  const { plan, pages } = subject;
  const since = Date.now();
  while (Date.now() - since < timeoutMs) {
    const [first] = pages;
    const planned = pages.find(({ channel }) => channel === plan.channel);
    if (planned) return planned;
    if (first && Date.now() - first.at > 3 * subject.lane.waitMs + 20_000) return first;
    await pause(100);
  }
  return pages[0] ?? null;
}

const isConfirmation = (body: string): boolean =>
  /^(\d+ )?(taken|already taken|resolved|running again|snoozed|over already)/i.test(body);

const confirmationOf = ({ notices, lane }: Case): number | null =>
  notices.find(({ body }) => isConfirmation(body) && !body.includes(`${lane.key}-deputy`))?.at ?? null;

async function confirmed(world: World, subject: Case): Promise<boolean> {
  const { how } = subject.plan;
  if (how === 'api' || how === 'key' || how === 'key-done') return true;
  for (let n = 0; n < 6; n += 1) {
    const since = Date.now();
    while (Date.now() - since < confirmationTimeoutMs) {
      if (confirmationOf(subject) !== null) return true;
      await pause(100);
    }
    world.ledger.log(subject, 'no confirmation: answers again');
    await answerOnce(world, subject);
  }
  return false;
}

/** Answers once; gives whether the answer was accepted. */
async function answerOnce(world: World, subject: Case): Promise<boolean> {
  const { ledger, stageEvents } = world;
  const { how } = subject.plan;
  subject.attempted.push(how);
  const open = how === 'all' ? shownInLane(ledger, subject) : [subject];
  const accepted = await sendAnswer(world, subject);
  ledger.log(subject, `${how}: ${accepted ? 'accepted' : 'not accepted'}`);
  if (!accepted) return false;
  const at = Date.now();
  for (const one of open) if (one.answers.length === 0) ledger.answer(one, { at, how });
  stageEvents.reach('answered', subject.name);
  if (how === 'rerun' || how === 'snooze') {
    setTimeout(() => stageEvents.reach(how === 'rerun' ? 'rerun' : 'snoozed', subject.name), effectMs);
  }
  return true;
}

const shownInLane = (ledger: Ledger, { lane }: Case): Case[] =>
  [...ledger.cases.values()].filter((one) => one.lane === lane && one.state === null && one.pages.length > 0);

async function sendAnswer(world: World, subject: Case): Promise<boolean> {
  const { plan, id, pages, lane } = subject;
  if (plan.how === 'api') return world.acknowledge(id);
  if (plan.how === 'key' || plan.how === 'key-done') return press(world, subject);
  const page =
    pages.findLast(({ channel, phone }) => channel === plan.channel && phone === lane.number) ??
    pages.findLast(({ channel, phone }) => channel !== 'call' && phone === lane.number);
  return page ? replyTo(world, subject, page) : false;
}

async function replyTo({ sandbox, ledger }: World, subject: Case, page: Arrival): Promise<boolean> {
  const { plan, lane } = subject;
  const channel = page.channel === 'whatsapp' ? 'whatsapp' : 'sms';
  // A reply without a number means one message, and of two that came within 10 s the earlier one.
  const others = shownInLane(ledger, subject).filter((one) => one !== subject);
  const isAmbiguous = others.some(({ pages }) => pages.some((other) => other.channel === page.channel));
  const texts: Partial<Record<typeof plan.how, string>> = {
    ack: isAmbiguous ? `ack ${page.number}` : 'ack',
    thumb: isAmbiguous ? `${page.number}` : '👍',
    number: `${page.number}`,
    all: 'ALL',
    swipe: 'ok',
    done: `DONE ${page.number}`,
    snooze: `SNOOZE ${page.number} 30m`,
    rerun: `R ${page.number}`,
  };
  // Reply to the sender of this message: a newer one may have come by another channel.
  const to = [...sandbox.phones.get(lane.number).messages].find(({ sid }) => sid === page.sid)?.from;
  const reaction =
    plan.how === 'button' && channel === 'whatsapp'
      ? await sandbox.phones.tap(lane.number, { sid: page.sid, payload: 'ACK', text: 'Take it' })
      : await sandbox.phones.reply(lane.number, {
          channel,
          body: texts[plan.how] ?? 'ACK',
          ...(plan.how === 'swipe' && channel === 'whatsapp' ? { originalSid: page.sid } : {}),
          ...(to === undefined ? {} : { to: addressOn(channel, to) }),
        });
  return !isRefusal(reaction) && reaction.status === 200 && !/Not recorded/.test(reaction.twiml ?? '');
}

/** Answers the newest call, on either phone, and presses a key; false when it was missed. */
async function press({ sandbox }: World, { plan, pages }: Case): Promise<boolean> {
  const page = pages.findLast(({ channel }) => channel === 'call');
  if (!page) return false;
  const picked = await sandbox.phones.call(page.sid, 'answer');
  const key = plan.how === 'key' ? '1' : '3';
  if (isRefusal(picked) && picked.status !== 409) return false;
  const pressed = await sandbox.phones.call(page.sid, 'press', key);
  if (isRefusal(pressed) || pressed.status !== 200) return false;
  return /Recorded\.|Acknowledged|Resolved|Already|over already/.test(pressed.twiml ?? '');
}
