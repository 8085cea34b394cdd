/** What Twilio does when we do not answer: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const overrides = '#rc=3&rp=ct,rt,5xx';

const routes =
  /^\/(?:notifier|twilio|incidents|schedules|silences|on-call|freshness|live|messages|report(?:\.csv)?|health|healthz|readyz|i|assets|sign-in|sign-out|openapi\.json|docs)?(?:[/?]|$)/;

/**
 * Where the world sees us. `publicUrl` has no trailing slash and may have a path prefix, which a proxy strips or does
 * not strip: both work.
 */
export function publicAddress(publicUrl: string, originAsWritten?: string) {
  const { origin, pathname } = new URL(publicUrl);
  const prefix = pathname === '/' ? '' : pathname.replace(/(?<!\/)\/+$/, '');
  const base = origin + prefix;
  // Twilio signs the address as it was given, and the host may be written in capitals there.
  const origins = originAsWritten === undefined ? [origin] : [origin, originAsWritten];

  /** The path that the routes know, of the path that a request came with. */
  function inner(rawUrl: string): string {
    if (prefix === '' || !rawUrl.startsWith(prefix)) return rawUrl;
    const rest = rawUrl.slice(prefix.length);
    const path = rest === '' || rest.startsWith('?') ? `/${rest}` : rest;
    return routes.test(path) ? path : rawUrl;
  }

  /** The addresses that Twilio may have signed for a request that came with this path: the prefix stripped, or not. */
  function signed(rawUrl: string): string[] {
    const paths = prefix !== '' && rawUrl.startsWith(`${prefix}/`) ? [rawUrl, prefix + rawUrl] : [prefix + rawUrl];
    return origins.flatMap((one) => paths.map((path) => one + path));
  }

  /** An address of ours to give to Twilio. */
  function forTwilio(path: string, query: Record<string, string>): string {
    return `${base}${path}?${new URLSearchParams(query).toString()}${overrides}`;
  }

  return { base, prefix, inner, signed, forTwilio };
}

export type PublicAddress = ReturnType<typeof publicAddress>;
