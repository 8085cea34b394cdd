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
  /** Origin that stands for every twilio.com host, for the sandbox. */
  apiBaseUrl?: string;
}

export type TwilioClient = ReturnType<typeof twilio>;

/** More than all sends that the workers have under way at once, so that none waits for a connection behind slow ones. */
const maxSockets = 80;
/** Milliseconds. One look (3 s of waiting and a read) and one write stay within a send's try. */
const limits = { read: 4_000, write: 10_000 };

/**
 * The official client, with every request bounded in time (`timeouts`, milliseconds) and never repeated by itself: whether a
 * send may be repeated is decided by whoever asked for it. Signs in with the API key where there is one, else with the auth
 * token, and with the other token when the first is refused, so that a promoted token does not silence us.
 * https://www.twilio.com/docs/iam/api-keys and https://www.twilio.com/docs/iam/secondary-auth-token-api
 */
export function createTwilioClient(config: TwilioConfig, timeouts = limits): TwilioClient {
  const http = new twilio.RequestClient({ timeout: timeouts.write, keepAlive: true, autoRetry: false, maxSockets });
  const transmit = http.request.bind(http);
  const [authToken, ...otherTokens] = config.authTokens;
  const { sid, secret } = config.apiKey ?? { sid: config.accountSid, secret: authToken };
  let secrets = config.apiKey ? [secret] : [secret, ...otherTokens];

  const request: typeof http.request = async (options) => {
    const timeout = options.method === 'get' ? timeouts.read : timeouts.write;
    const uri = config.apiBaseUrl === undefined ? options.uri : withOrigin(options.uri, config.apiBaseUrl);
    const attempt = (password: string) => within(timeout, transmit({ ...options, uri, timeout, password }));
    const [first = secret, ...others] = secrets;
    let response = await attempt(first);
    for (const other of others) {
      if (response.statusCode !== 401) break;
      response = await attempt(other);
      // The next request begins with it: one that is refused each time costs time, and looks like an attack.
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

/** With HTTP_PROXY set the client's agent ignores its timeout, and axios's own counts idle time only: this one always ends. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const late = Object.assign(new Error('No answer in time'), { code: 'ECONNABORTED' });
    timer = setTimeout(() => reject(late), milliseconds + 500);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
