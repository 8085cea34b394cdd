import { BlockList, isIP } from 'node:net';

/** The number of proxies before this service, or their addresses. */
export type TrustedProxies = number | string[];

const named = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** `1`, or `10.0.0.0/8, loopback`; null for anything else. */
export function trustedProxies(text: string): TrustedProxies | null {
  if (/^[1-9]$/.test(text)) return Number(text);
  const proxies = text.split(',').map((part) => part.trim());
  return proxies.every((proxy) => named.has(proxy) || isRange(proxy)) ? proxies : null;
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
