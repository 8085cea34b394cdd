/** A server of calendars on this machine, by https. */
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { createFetchCalendar, type FetchCalendar, type FetchOptions } from '../../src/calendar/fetch.js';
import { isPublicAddress } from '../../src/config/public-addresses.js';
import { authority } from '../helpers/certificates.js';

export interface CalendarServer {
  /** Without a trailing slash. */
  url: string;
  /** Connects to this server, and else to the internet alone. */
  fetchCalendar: (options?: FetchOptions) => FetchCalendar;
  /** The authority that signs its certificate. */
  ca: string;
  close: () => void;
}

export async function calendarServer(t: TestContext, answer: RequestListener): Promise<CalendarServer> {
  const { cert: ca, issue } = authority('Calendars');
  const server = createServer(issue('localhost'), answer);
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  t.after(close);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const isAllowed = (address: string) => address === '127.0.0.1' || isPublicAddress(address);
  return {
    url: `https://127.0.0.1:${port}`,
    fetchCalendar: (options = {}) => createFetchCalendar({ isAllowed, ca, ...options }),
    ca,
    close,
  };
}
