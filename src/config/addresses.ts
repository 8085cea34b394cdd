/** Addresses in the configuration: origins, the public address, and proxies. */
import { BlockList, isIP } from 'node:net';

const parsed = (address: string) => (URL.canParse(address) ? new URL(address) : null);

/** Whether an address is of this machine. */
export const loopback = (url: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(url.hostname);

/** `https://host[:port]` of an address with or without a scheme, or null. `http://` is for this machine, unless it is allowed. */
export function origin(address: string, { allowHttp = false } = {}): string | null {
  const url = parsed(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
  if (!url || url.username || url.password || url.search || url.hash || url.pathname !== '/') return null;
  return url.protocol === 'https:' || (url.protocol === 'http:' && (allowHttp || loopback(url))) ? url.origin : null;
}

/** The address without a trailing slash, or null. */
export function publicAddress(address: string, production: boolean): string | null {
  const url = parsed(address);
  if (!url || url.username || url.password || url.search || url.hash || !/^https?:$/.test(url.protocol)) return null;
  if (production && url.protocol === 'http:') return null;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}

/** `https://Hooks.Example.com` of an address, as it was written; null where that is the usual spelling. */
export function originAsWritten(address: string): string | null {
  const { protocol, host, origin: usual } = new URL(address);
  const written = /^\s*[a-z]+:\/\/([^/?#]*)/i.exec(address)?.[1] ?? '';
  const found = `${protocol}//${written}`;
  return written.toLowerCase() === host && found !== usual ? found : null;
}

/** The number of proxies before this service, or their addresses. */
export type TrustedProxies = number | string[];

const namedRanges = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** `1`, or `10.0.0.0/8, loopback`; null for anything else. */
export function trustedProxies(text: string): TrustedProxies | null {
  if (/^[1-9]$/.test(text)) return Number(text);
  const proxies = text.split(',').map((part) => part.trim());
  return proxies.every((proxy) => namedRanges.has(proxy) || isRange(proxy)) ? proxies : null;
}

function isRange(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/([1-9]\d{0,2}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return false;
  try {
    if (prefix !== undefined) new BlockList().addSubnet(address, Number(prefix), version === 4 ? 'ipv4' : 'ipv6');
    return true;
  } catch {
    return false;
  }
}
