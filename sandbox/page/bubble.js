import { clock, h } from './dom.js';

const ticks = {
  queued: ['◷', 'waiting'],
  accepted: ['◷', 'waiting'],
  sent: ['✓', 'sent'],
  delivered: ['✓✓', 'delivered'],
  read: ['✓✓', 'read'],
  failed: ['✗', 'failed'],
  undelivered: ['✗', 'undelivered'],
};

const callWords = {
  queued: 'Call on its way',
  completed: 'Call ended',
  busy: 'Call declined',
  'no-answer': 'Missed call',
  failed: 'Call failed',
  canceled: 'Call withdrawn while it rang',
  ringing: 'Call rings',
  'in-progress': 'In the call',
};

/** Text with its addresses made links. */
const withLinks = (text) =>
  text
    .split(/(https?:\/\/[^\s]+)/)
    .map((part, index) => (index % 2 === 1 ? h('a', { href: part, target: '_blank', rel: 'noreferrer' }, part) : part));

function status(message) {
  if (message.direction === 'inbound') return null;
  const [mark, word] = ticks[message.status] ?? ['', message.status];
  const code = message.errorCode ? ` ${message.errorCode}` : '';
  const failed = mark === '✗';
  return h(
    'span',
    { class: `ticks ${message.status}`, title: word + code, 'aria-label': word + code },
    failed ? `${mark} ${word}${code}` : mark,
  );
}

/** A message; `quote` and `tap` are called when the person replies to it or taps a button. */
export function bubble(message, { quote, tap }) {
  const mine = message.direction === 'inbound';
  const name = message.channel === 'whatsapp' ? 'WhatsApp' : 'SMS';
  const quotable = !mine && message.channel === 'whatsapp';
  return h(
    'article',
    {
      class: `bubble ${message.channel} ${mine ? 'mine' : 'theirs'}`,
      'data-testid': 'message',
      'data-sid': message.sid,
      'data-channel': message.channel,
      'data-direction': message.direction,
      'data-status': message.status,
    },
    h('p', { class: 'body' }, withLinks(message.body)),
    h(
      'footer',
      {},
      h('span', { class: 'channel' }, name),
      h('time', {}, clock(message.at)),
      status(message),
      quotable
        ? h(
            'button',
            {
              type: 'button',
              class: 'plain',
              title: 'Reply to this message',
              'aria-label': 'Reply to this message',
              onclick: () => quote(message),
            },
            '↩',
          )
        : null,
    ),
    message.buttons.length > 0
      ? h(
          'div',
          { class: 'taps' },
          message.buttons.map(({ text, payload }) =>
            h(
              'button',
              { type: 'button', 'data-testid': 'message-button', onclick: () => tap(message, payload, text) },
              text,
            ),
          ),
        )
      : null,
  );
}

/** A call that is over, as a line between the messages. */
export function pastCall(call) {
  return h(
    'article',
    { class: `past ${call.status}`, 'data-testid': 'past-call', 'data-status': call.status },
    h(
      'p',
      {},
      h('span', { 'aria-hidden': 'true' }, '☎ '),
      callWords[call.status] ?? call.status,
      ' ',
      h('time', {}, clock(call.at)),
    ),
    call.spoken === '' ? null : h('p', { class: 'spoken-text' }, `“${call.spoken}”`),
  );
}
