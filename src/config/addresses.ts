const parsed = (address: string) => (URL.canParse(address) ? new URL(address) : null);
/** Whether an address is of this machine. */
export const loopback = (url: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/i.test(url.hostname);

/** `https://host[:port]` of an address with or without a scheme, or null. */
export function origin(address: string): string | null {
  const url = parsed(/^[a-z]+:\/\//i.test(address) ? address : `https://${address}`);
  if (!url || url.username || url.password || url.search || url.hash || url.pathname !== '/') return null;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback(url)) ? url.origin : null;
}

/** The address without a trailing slash, or null. */
export function publicAddress(address: string, production: boolean): string | null {
  const url = parsed(address);
  if (!url || url.username || url.password || url.search || url.hash || !/^https?:$/.test(url.protocol)) return null;
  if (production && url.protocol === 'http:') return null;
  return (url.origin + url.pathname).replace(/\/+$/, '');
}
