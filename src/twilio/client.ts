import twilio from 'twilio';

export interface TwilioConfig {
  accountSid: string;
  /** The primary token first; a second one during rotation. */
  authTokens: [string, ...string[]];
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
  const transmit = http.request.bind(http);
  const [authToken, ...otherTokens] = config.authTokens;
  const { sid, secret } = config.apiKey ?? { sid: config.accountSid, secret: authToken };
  let secrets = config.apiKey ? [secret] : [secret, ...otherTokens];

  const request: typeof http.request = async (options) => {
    const timeoutMs = options.method === 'get' ? readTimeoutMs : writeTimeoutMs;
    const uri = config.apiBaseUrl === undefined ? options.uri : withOrigin(options.uri, config.apiBaseUrl);
    const attempt = (password: string) =>
      withTimeout(timeoutMs, transmit({ ...options, uri, timeout: timeoutMs, password }));
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

/** With HTTP_PROXY set the client's agent ignores its timeout, and axios's own counts idle time only. */
async function withTimeout<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    const error = Object.assign(new Error('No answer in time'), { code: 'ECONNABORTED' });
    timer = setTimeout(() => reject(error), timeoutMs + 500);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
