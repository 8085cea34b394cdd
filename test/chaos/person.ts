/**
 * A person who was woken: answers as planned, tries again when nothing was taken, and says it once more when no confirmation
 * comes, as people do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal } from '../../sandbox/phones.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { addressOn } from '../../sandbox/twilio/world.js';
import type { Arrival, Case, Ledger } from './ledger.js';
import type { Moments } from './stages.js';

export interface World {
  sandbox: Sandbox;
  ledger: Ledger;
  moments: Moments;
  /** `POST /incidents/<id>/acknowledge`: whether it was taken. */
  acknowledge: (id: string) => Promise<boolean>;
  /** No more than this is waited for anything, milliseconds. */
  patience: number;
}

const again = 3_000;
const unconfirmed = 20_000;
const tries = 30;
/** A refresh that was asked for is under way, and a snooze is known, by then. */
const shortly = 1_500;

/** Until the answer was taken and, where it is told, confirmed; false when there was never an occasion. */
export async function answer(world: World, subject: Case): Promise<boolean> {
  const { plan } = subject;
  const first = await occasion(world, subject);
  if (first === null && plan.how !== 'api') return false;
  await pause(plan.after);
  for (let n = 0; n < tries && subject.claims.length === 0; n += 1) {
    if (!(await say(world, subject))) await pause(again);
    // It was taken after all, though our door could not say so.
    const confirmation = confirmationOf(subject);
    if (confirmation !== null && subject.claims.length === 0) {
      world.ledger.claim(subject, { at: confirmation, how: plan.how });
    }
  }
  return subject.claims.length > 0 && (await confirmed(world, subject));
}

/** The page that the person reacts to: the first by the planned channel, or any when that does not come. */
async function occasion({ patience }: World, subject: Case): Promise<Arrival | null> {
  const { plan, pages } = subject;
  const since = Date.now();
  while (Date.now() - since < patience) {
    const [first] = pages;
    const planned = pages.find(({ channel }) => channel === plan.rung);
    if (planned) return planned;
    if (first && Date.now() - first.at > 3 * subject.lane.wait + 20_000) return first;
    await pause(100);
  }
  return pages[0] ?? null;
}

const isConfirmation = (body: string): boolean =>
  /^(\d+ )?(taken|already taken|resolved|running again|snoozed|over already)/i.test(body);

const confirmationOf = ({ told, lane }: Case): number | null =>
  told.find(({ body }) => isConfirmation(body) && !body.includes(`${lane.key}-deputy`))?.at ?? null;

async function confirmed(world: World, subject: Case): Promise<boolean> {
  const { how } = subject.plan;
  if (how === 'api' || how === 'key' || how === 'key-done') return true;
  for (let n = 0; n < 6; n += 1) {
    const since = Date.now();
    while (Date.now() - since < unconfirmed) {
      if (confirmationOf(subject) !== null) return true;
      await pause(100);
    }
    world.ledger.note(subject, 'sees no confirmation and answers again');
    await say(world, subject);
  }
  return false;
}

/** One answer; whether it was taken. */
async function say(world: World, subject: Case): Promise<boolean> {
  const { ledger, moments } = world;
  const { how } = subject.plan;
  subject.tried.push(how);
  const open = how === 'all' ? shownInLane(ledger, subject) : [subject];
  const taken = await trySaying(world, subject);
  ledger.note(subject, `${how}: ${taken ? 'taken' : 'not taken'}`);
  if (!taken) return false;
  const at = Date.now();
  for (const one of open) if (one.claims.length === 0) ledger.claim(one, { at, how });
  moments.reach('answered', subject.name);
  if (how === 'rerun' || how === 'snooze') {
    setTimeout(() => moments.reach(how === 'rerun' ? 'rerun' : 'snoozed', subject.name), shortly);
  }
  return true;
}

const shownInLane = (ledger: Ledger, { lane }: Case): Case[] =>
  [...ledger.cases.values()].filter((one) => one.lane === lane && one.state === null && one.pages.length > 0);

async function trySaying(world: World, subject: Case): Promise<boolean> {
  const { plan, id, pages, lane } = subject;
  if (plan.how === 'api') return world.acknowledge(id);
  if (plan.how === 'key' || plan.how === 'key-done') return press(world, subject);
  const page =
    pages.findLast(({ channel, phone }) => channel === plan.rung && phone === lane.number) ??
    pages.findLast(({ channel, phone }) => channel !== 'call' && phone === lane.number);
  return page ? write(world, subject, page) : false;
}

async function write({ sandbox, ledger }: World, subject: Case, page: Arrival): Promise<boolean> {
  const { plan, lane } = subject;
  const channel = page.channel === 'whatsapp' ? 'whatsapp' : 'sms';
  // Without a number it means one message, and of two that came at once not the one that was hardly read.
  const others = shownInLane(ledger, subject).filter((one) => one !== subject);
  const isAmbiguous = others.some(({ pages }) => pages.some((other) => other.channel === page.channel));
  const words: Partial<Record<typeof plan.how, string>> = {
    ack: isAmbiguous ? `ack ${page.number}` : 'ack',
    thumb: isAmbiguous ? `${page.number}` : '👍',
    number: `${page.number}`,
    all: 'ALL',
    swipe: 'ok',
    done: `DONE ${page.number}`,
    snooze: `SNOOZE ${page.number} 30m`,
    rerun: `R ${page.number}`,
  };
  // The number that the message came from: there may be newer messages on another channel.
  const to = [...sandbox.phones.get(lane.number).messages].find(({ sid }) => sid === page.sid)?.from;
  const reaction =
    plan.how === 'button' && channel === 'whatsapp'
      ? await sandbox.phones.tap(lane.number, { sid: page.sid, payload: 'ACK', text: 'Take it' })
      : await sandbox.phones.reply(lane.number, {
          channel,
          body: words[plan.how] ?? 'ACK',
          ...(plan.how === 'swipe' && channel === 'whatsapp' ? { originalSid: page.sid } : {}),
          ...(to === undefined ? {} : { to: addressOn(channel, to) }),
        });
  return !isRefusal(reaction) && reaction.status === 200 && !/Not recorded/.test(reaction.twiml ?? '');
}

/** Picks up what rings, on either phone, and presses a key; a call that nobody answered in time is let go. */
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
