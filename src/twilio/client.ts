import twilio from 'twilio';

export interface TwilioConfig {
  accountSid: string;
  /** The primary token first; a second one during rotation. With an API key they are not used, and may be absent. */
  authTokens: readonly string[];
  apiKey?: { sid: string; secret: string };
  /** E.164. */
  from: string;
  /** E.164, without `whatsapp:`. */
  whatsappFrom?: string;
  messagingServiceSid?: string;
  /** Template that WhatsApp pages use (HX…). */
  contentSid?: string;
  /** Origin in place of every twilio.com host, for the sandbox. */
  apiBaseUrl?: string;
}

export type TwilioClient = ReturnType<typeof twilio>;

/** More than the workers send at the same time, so that no send waits for a connection behind slow ones. */
const maxSockets = 80;
/** An attempt to send has time for one search (3 s of waiting and a read) and one write. */
const defaultTimeouts = { readTimeoutMs: 4_000, writeTimeoutMs: 10_000 };

/**
 * The official client, with a timeout for every request and without its own retries: the caller decides whether to
 * send again. Signs in with the API key where there is one, else with the auth token, and with the other token when the first is
 * refused, so that a promoted token does not stop us.
 * https://www.twilio.com/docs/iam/api-keys and https://www.twilio.com/docs/iam/secondary-auth-token-api
 */
export function createTwilioClient(config: TwilioConfig, timeouts = defaultTimeouts): TwilioClient {
  const { readTimeoutMs, writeTimeoutMs } = timeouts;
  const http = new twilio.RequestClient({ timeout: writeTimeoutMs, keepAlive: true, autoRetry: false, maxSockets });
  abortAfterTimeout(http);
  closeProxyConnections(http, writeTimeoutMs);
  const transmit = http.request.bind(http);
  const sid = config.apiKey?.sid ?? config.accountSid;
  let secrets = config.apiKey ? [config.apiKey.secret] : config.authTokens;
  // The client refuses an empty one.
  const [secret = ''] = secrets;

  const request: typeof http.request = async (options) => {
    const timeoutMs = options.method === 'get' ? readTimeoutMs : writeTimeoutMs;
    const uri = config.apiBaseUrl === undefined ? options.uri : withOrigin(options.uri, config.apiBaseUrl);
    const attempt = (password: string) =>
      transmit({ ...options, uri, timeout: timeoutMs, password }).catch(throwTimeout);
    const [first = secret, ...others] = secrets;
    let response = await attempt(first);
    for (const other of others) {
      if (response.statusCode !== 401) break;
      response = await attempt(other);
      // The next request begins with this token: repeated refusals cost time, and look like an attack.
      if (response.statusCode !== 401) secrets = [other, ...secrets.filter((one) => one !== other)];
    }
    return response;
  };
  http.request = request;
  return twilio(sid, secret, { accountSid: config.accountSid, httpClient: http });
}

function withOrigin(uri: string, origin: string): string {
  const { pathname, search } = new URL(uri);
  return new URL(pathname + search, origin).href;
}

/** Axios's own timeout counts idle time alone, and begins with the connection; behind a proxy that may be late. */
function abortAfterTimeout(http: InstanceType<typeof twilio.RequestClient>): void {
  http.axios.interceptors.request.use((config) => {
    if (config.timeout) config.signal = AbortSignal.timeout(config.timeout);
    return config;
  });
}

/**
 * With HTTP_PROXY the client's agent makes a connection of its own for each request, which it does not close while the proxy has not
 * answered. Node reads `signal` with each connection: https://nodejs.org/api/net.html#new-netsocketoptions
 */
function closeProxyConnections(http: InstanceType<typeof twilio.RequestClient>, timeoutMs: number): void {
  const agent: unknown = http.axios.defaults.httpsAgent;
  const proxy: unknown = typeof agent === 'object' && agent !== null && 'proxy' in agent ? agent.proxy : null;
  if (typeof proxy === 'object' && proxy !== null)
    Object.defineProperty(proxy, 'signal', { get: () => AbortSignal.timeout(timeoutMs), enumerable: true });
}

/** An aborted request is one without an answer in time. */
function throwTimeout(error: unknown): never {
  if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_CANCELED')
    throw Object.assign(new Error('No answer in time'), { code: 'ECONNABORTED' });
  throw error;
}
