/** What a person replies to a message that has arrived: the command, as the api parses it; null when they sleep on. */
import type { Command, ReplySignal } from '../../src/workflows/pager-contract.js';
import { parseKey, parseReply } from '../../src/workflows/reply-parser.js';
import type { Random } from './random.js';
import type { Accepted } from './twilio.js';

export function replyTo(message: Accepted, random: Random, at: number): ReplySignal | null {
  const command = message.channel === 'call' ? pressed(random) : written(message, random);
  if (command === null) return null;
  const names = message.channel === 'call' ? { attempt: message.attempt } : {};
  const swipes = message.channel === 'whatsapp' && random.chance(0.3) ? { messageSid: message.sid } : {};
  return { replyId: `reply-${message.sid}-${at}`, channel: message.channel, command, at, ...names, ...swipes };
}

const pressed = (random: Random): Command | null => parseKey(random.pick(['1', '1', '1', '2', '3', '9'] as const));

function written({ text }: Accepted, random: Random): Command | null {
  const numbers = [...text.matchAll(/\[(\d+)\]/g)].map(([, number]) => number ?? '');
  const number = numbers.length === 0 ? '' : (numbers[random.between(0, numbers.length - 1)] ?? '');
  const words = random.pick([
    'ACK',
    'ACK',
    `ACK ${number}`,
    number,
    'ALL',
    `R ${number}`,
    `DONE ${number}`,
    `SNOOZE ${number} 10m`,
    'LIST',
    'What?',
    random.chance(0.3) ? 'STOP' : 'START',
  ] as const);
  return words.trim() === '' ? null : parseReply(words);
}
