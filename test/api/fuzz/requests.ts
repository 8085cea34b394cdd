/** Requests without valid credentials: every endpoint, wrong credentials of all kinds, every body, and every way to frame it. */
import fc from 'fast-check';
import { rawRequest } from '../../helpers/raw-http.js';
import { config, signatureOf } from '../service.js';
import { marker, secret } from './service.js';

type Header = readonly [string, string];

const token = config.apiToken;
const visible = fc.string({ unit: 'grapheme-ascii', maxLength: 60 }).map((text) => text.replaceAll(/[\r\n]/g, ''));
const inPath = visible.map((text) => encodeURIComponent(text));

const mostly = (usual: string, ...others: string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

/** Similar to the right value, and never equal to it. */
const nearly = (right: string): fc.Arbitrary<string> =>
  fc
    .oneof(
      fc.constantFrom('', ' ', right.slice(1), right.slice(0, -1), `${right}x`, right.toUpperCase(), right + right),
      fc.constantFrom(
        `${right}%00`,
        `${right}%20`,
        `%00${right}`,
        `${right}/`,
        `${right}%2F..`,
        `../${right}`,
        '%E0%A4%A',
      ),
      inPath,
    )
    .filter((wrong) => wrong !== right);

const notifierTargets = fc.oneof(
  nearly(secret)
    .filter((wrong) => wrong !== `${secret}/`)
    .map((wrong) => `/notifier/${wrong}`),
  nearly(secret).map((wrong) => `/notifier?secret=${wrong}&x=${marker}`),
  fc.constantFrom(
    '/notifier',
    '/notifier/',
    `/notifier?SECRET=${secret}`,
    `/notifier?secret[]=${secret}`,
    `/notifier?secret=${secret}&secret=${secret}`,
    `/notifier/x?secret=${secret}`,
    `/notifier//${secret}`,
    `//notifier/${secret}`,
    `/Notifier/${secret}`,
    `/notifier/${secret}/more`,
  ),
);

const twilioTargets = fc
  .constantFrom('message', 'call', 'status')
  .chain((endpoint) => inPath.map((query) => `/twilio/${endpoint}?contact=ana&attempt=${query}`));

const incidentTargets = fc.oneof(
  inPath.map((id) => `/incidents/${id || 'x'}/acknowledge`),
  inPath.map((id) => `/incidents/${id || 'x'}/snooze?token=${token}`),
  fc.constant(`/incidents/refresh:-:${marker}/rerun`),
  fc.constantFrom('/silences', `/schedules/${marker}/overrides`),
);

const event = JSON.stringify({
  event_type: 'WorkbookRefreshFailed',
  resource_luid: marker,
  resource_name: `${marker} +15550000001`,
});
const form = `MessageSid=SM${marker}&From=%2B15550000001&Body=ACK+${marker}&Digits=1`;
const nested = (open: string, depth: number) => Buffer.from(open.repeat(depth));

export const bodies: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc
    .constantFrom(event, form, '', `\uFEFF${event}`, event.slice(0, -1), `${event}${event}`)
    .map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 200 }),
  fc.constantFrom(Buffer.from(event, 'utf16le'), Buffer.from(event.replace(marker, 'Ä'), 'latin1')),
  fc.constantFrom('[', '{"a":', '[{"a":').map((open) => nested(open, 100_000)),
  fc.constantFrom(
    Buffer.alloc(70_000, 'x'),
    Buffer.from(`${form}&${'a=&'.repeat(20_000)}`),
    Buffer.alloc(300_000, '&'),
  ),
  fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
);

const types = fc.oneof(
  fc.constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded; charset=utf-16',
    'multipart/form-data; boundary=x',
    'text/xml',
    ';;;',
    '',
  ),
  visible,
);

const signatures = fc.oneof(
  fc.constantFrom('', 'x', signatureOf('https://webhooks.example.com/twilio/message', [], 'retired-token')),
  // Made with the right token for another address: a signature is valid for one endpoint only.
  fc.constantFrom('/', '/notifier', '/twilio').map((path) => signatureOf(config.publicUrl + path, [])),
  fc.base64String({ minLength: 27, maxLength: 28 }),
  visible,
);

const credentials = fc.oneof(
  fc.constant<Header[]>([]),
  signatures.map((signature): Header[] => [['X-Twilio-Signature', signature]]),
  nearly(token).map((wrong): Header[] => [['Authorization', `Bearer ${wrong}`]]),
  fc.constantFrom<Header[]>(
    [['Authorization', token]],
    [['Authorization', `Basic ${Buffer.from(`x:${token}`).toString('base64')}`]],
    [['Authorization', `Bearer ${token} ${token}`]],
    [
      ['Authorization', 'Bearer x'],
      ['X-Api-Token', token],
    ],
    [
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-Original-URL', `/notifier/${secret}`],
    ],
    [['X-HTTP-Method-Override', 'GET']],
    [['Cookie', `token=${token}`]],
  ),
);

const unusualHeaders = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Header[]>([]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Header[]>(
      [['X-Odd', 'a\u0000b']],
      [['X-Odd\r\nX-Injected', marker]],
      [['X Odd', marker]],
      [['X-Huge', marker.repeat(4_000)]],
      [['Content-Encoding', 'gzip']],
      [['Expect', '100-continue']],
      [['Expect', 'the-impossible']],
      [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade'],
      ],
      Array.from({ length: 3_000 }, (_, index): Header => [`X-${index}`, '1']),
    ),
  },
);

export interface RawRequest {
  pieces: Uint8Array[];
  cut: boolean;
}

/** The body with a length that fits, does not fit, fits twice, or in chunks that are whole or broken. */
const framings = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('length', 'chunked', 'one by one') },
  { weight: 1, arbitrary: fc.constantFrom('cut', 'short', 'twice', 'both', 'bad chunks') },
);

function framed(start: readonly [string, string], headers: Header[], body: Uint8Array, framing: string): RawRequest {
  const whole = (more: Header[], sent: Uint8Array, cut = false): RawRequest => ({
    pieces: [rawRequest(...start, [...headers, ...more], sent)],
    cut,
  });
  const length = String(body.length);
  const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
  const empty = Buffer.from('0\r\n\r\n');
  switch (framing) {
    case 'chunked':
      return whole([['Transfer-Encoding', 'chunked']], body.length === 0 ? empty : chunk);
    case 'bad chunks':
      return whole([['Transfer-Encoding', 'chunked']], Buffer.concat([Buffer.from('zz\r\n'), body]), true);
    case 'cut':
      return whole([['Content-Length', String(body.length + 10)]], body, true);
    case 'short':
      return whole([['Content-Length', String(Math.max(0, body.length - 5))]], body, true);
    case 'twice':
      return whole(
        [
          ['Content-Length', length],
          ['Content-Length', '1'],
        ],
        body,
        true,
      );
    case 'both':
      return whole(
        [
          ['Content-Length', length],
          ['Transfer-Encoding', 'chunked'],
        ],
        chunk,
        true,
      );
    case 'one by one': {
      const { pieces } = whole([['Content-Length', length]], body);
      return {
        pieces: pieces.flatMap((piece) =>
          Array.from({ length: 20 }, (_, at) => piece.subarray(at, at + 1)).concat(piece.subarray(20)),
        ),
        cut: false,
      };
    }
    default:
      return whole([['Content-Length', length]], body);
  }
}

const hosted = (more: Header[]): Header[] => [['Host', 'webhooks.example.com'], ['Connection', 'close'], ...more];

/** A POST without valid credentials. */
export const forged: fc.Arbitrary<RawRequest> = fc
  .record({
    target: fc.oneof(notifierTargets, twilioTargets, incidentTargets),
    type: types,
    credential: credentials,
    more: unusualHeaders,
    body: bodies,
    framing: framings,
  })
  .map(({ target, type, credential, more, body, framing }) =>
    framed(['POST', target], hosted([['Content-Type', type], ...credential, ...more]), body, framing),
  );

/** Bytes that are malformed or unusual HTTP. */
export const noise: fc.Arbitrary<RawRequest> = fc
  .oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .record({
        method: fc.constantFrom('GET', 'PUT', 'BREW', 'get', 'CONNECT', 'TRACE', 'PROPFIND', 'X'.repeat(5_000), ''),
        target: fc.oneof(
          fc.constantFrom('*', '/%', '/%zz', '/\u0000', 'http://[', 'evil.example.com:443', '//', '/..%2f..%2f', '/?%'),
          fc.constantFrom(
            `/${'a'.repeat(20_000)}`,
            `/incidents/${'%41'.repeat(4_000)}`,
            '/notifier/%ff',
            '/twilio/%ff',
          ),
          inPath.map((path) => `/${path}`),
        ),
        version: mostly('HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9', ''),
        line: mostly('\r\n', '\n', '\r', '\n\r'),
        headers: mostly('Host: x', '', 'Host: x\r\nHost: y', ' folded: x', 'Host : x', ':', 'Content-Length: -1'),
      })
      .map(({ method, target, version, line, headers }) =>
        Buffer.from(`${method} ${target} ${version}${line}${headers}${line}Connection: close${line}${line}`, 'latin1'),
      ),
    fc.constant(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')),
    fc.constant(Buffer.from('\u0016\u0003\u0001\u0002\u0000\u0001\u0000', 'latin1')),
  )
  .map((bytes) => ({ pieces: [bytes], cut: true }));
