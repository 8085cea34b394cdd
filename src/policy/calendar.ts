/** Schedules whose turns come from an iCalendar: which contact an event of the calendar names. Pure. */
import { dirname, resolve } from 'node:path';
import type { Turn } from './on-call.js';

/** Where the turns of a schedule come from. */
export interface Calendar {
  /** An https address, which may hold a secret, or the absolute path of a file. */
  address: string;
  /** Of all-day events and of times without a zone; by default that of the calendar (X-WR-TIMEZONE), else UTC. */
  timezone?: string;
  /** How an event names its contact: by its key in the title, or by an e-mail address in `tableau`. */
  by: 'key' | 'tableau';
}

/** One occurrence of an event, in milliseconds since the epoch; the end is excluded. */
export interface Occurrence {
  from: number;
  to: number;
  /** The title, cut. */
  summary: string;
  /** Of those who attend, in lower case. */
  emails: readonly string[];
}

/** What of the escalation file tells contacts apart. */
export interface Names {
  contacts: Readonly<Record<string, unknown>>;
  /** Contacts by the user names and e-mail addresses that they have in Tableau, in lower case. */
  owners?: Readonly<Record<string, string>>;
}

/** The turns of the occurrences that name a contact, by their beginning, and how many name none. */
export function turnsOf(
  occurrences: readonly Occurrence[],
  by: Calendar['by'],
  names: Names,
): { turns: Turn[]; unnamed: number } {
  const turns = occurrences.flatMap((occurrence): Turn[] => {
    const contact = by === 'key' ? keyIn(occurrence, names) : userIn(occurrence, names);
    return contact === null ? [] : [{ contact, from: occurrence.from, to: occurrence.to }];
  });
  return {
    turns: joined(turns.toSorted((one, other) => one.from - other.from)),
    unnamed: occurrences.length - turns.length,
  };
}

/** Turns of one contact without another between them are one: a calendar can have an event for each hour. */
function joined(turns: readonly Turn[]): Turn[] {
  const all: Turn[] = [];
  for (const turn of turns) {
    const last = all.at(-1);
    if (last && last.contact === turn.contact && turn.from <= last.to) last.to = Math.max(last.to, turn.to);
    else all.push({ ...turn });
  }
  return all;
}

/** Of an e-mail address a part is no word, so that `ana.lima@example.com` does not name `ana`. */
const word = /[\p{L}\p{N}_.@+-]+/gu;

/** In lower case, without the full stops and dashes around them. */
const wordsOf = (text: string): string[] =>
  [...text.toLowerCase().matchAll(word)].map(([found]) => found.replace(/^[.-]/, '').replace(/[.-]$/, ''));

const keyIn = ({ summary }: Occurrence, { contacts }: Names): string | null =>
  wordsOf(summary).find((found) => Object.hasOwn(contacts, found)) ?? null;

function userIn({ summary, emails }: Occurrence, { owners = {} }: Names): string | null {
  const addresses = [...emails, ...wordsOf(summary)].filter((found) => found.includes('@'));
  const user = addresses.find((found) => Object.hasOwn(owners, found));
  return user === undefined ? null : (owners[user] ?? null);
}

/** An address for a log or a terminal: what may be secret is masked. */
export function maskedAddress(address: string): string {
  if (!isRemote(address)) return address;
  return URL.canParse(address) ? `https://${new URL(address).host}/***` : 'https://***';
}

export const isRemote = (address: string): boolean => address.startsWith('https://');

/** The address that the file gives, `webcal:` as https; null for a path. */
export const remoteAddress = (text: string): string | null => {
  const https = text.replace(/^webcals?:/i, 'https:').replace(/^https:/i, 'https:');
  return isRemote(https) && URL.canParse(https) ? https : null;
};

/**
 * Where a calendar of the escalation file is read.
 * @param file the path of that file, which a path in it is relative to
 */
export const addressFrom = (file: string, text: string): string => remoteAddress(text) ?? resolve(dirname(file), text);
