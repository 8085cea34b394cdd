import { bubble, pastCall } from './bubble.js';
import { createCall } from './call.js';
import { ask, h, keyed, toast } from './dom.js';

const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
export const isActive = (call) => call.status === 'ringing' || call.status === 'in-progress';

const entries = (phone) =>
  [
    ...phone.messages.map((message) => ({ at: message.at, sid: message.sid, message })),
    ...phone.calls.filter((call) => !isActive(call)).map((call) => ({ at: call.at, sid: call.sid, call })),
  ].toSorted((one, other) => one.at - other.at);

const replies = ['ACK', 'ALL', '1', 'LIST', 'STOP', 'START'];

/** One phone: its messages, its call, and what its owner writes. */
export function createPhone(number, name) {
  const path = `phones/${encodeURIComponent(number)}`;
  const owner = name ?? number;
  let quoted = null;

  const count = h('small', {});
  const thread = h('div', {
    class: 'thread',
    role: 'log',
    'aria-label': `Messages and calls of ${owner}`,
    tabindex: '0',
  });
  const empty = h(
    'div',
    { class: 'empty' },
    h('p', {}, h('strong', {}, 'Not paged yet.')),
    h('p', {}, 'Let an item fail.'),
  );
  const quoting = h('div', { class: 'quoting', hidden: true });
  const channel = h(
    'select',
    { 'data-testid': 'reply-channel', 'aria-label': `Channel of the reply of ${owner}` },
    h('option', { value: 'whatsapp' }, 'WhatsApp'),
    h('option', { value: 'sms' }, 'SMS'),
  );
  const text = h('input', {
    'data-testid': 'reply-input',
    'aria-label': `Reply of ${owner}`,
    placeholder: 'Reply, e.g. ACK',
    enterkeyhint: 'send',
  });
  const chips = replies.map((word) => h('button', { type: 'button', onclick: () => void send(word) }, word));
  const composer = h(
    'form',
    { class: 'composer', autocomplete: 'off' },
    quoting,
    h('div', { class: 'chips', role: 'group', 'aria-label': `Quick replies of ${owner}` }, chips),
    h(
      'div',
      { class: 'line' },
      channel,
      text,
      h('button', { class: 'send', 'data-testid': 'reply-send', 'aria-label': 'Send' }, '➤'),
    ),
  );
  const call = createCall(() => text.focus());
  const behind = [thread, composer];
  const element = h(
    'div',
    { class: 'phone', role: 'group', 'aria-label': `Phone of ${owner}`, 'data-testid': 'phone', 'data-number': number },
    h(
      'div',
      { class: 'screen' },
      h(
        'div',
        { class: 'bar' },
        h('span', { class: 'avatar', 'aria-hidden': 'true' }),
        h('div', {}, h('strong', {}, owner), name ? h('small', {}, number) : null),
        count,
      ),
      h('div', { class: 'under' }, thread, empty),
      composer,
      call.element,
    ),
  );

  function quote(message) {
    quoted = message;
    quoting.hidden = message === null;
    quoting.replaceChildren();
    if (message === null) return;
    quoting.append(
      h('span', {}, `Reply to: ${message.body.slice(0, 60)}`),
      h(
        'button',
        { type: 'button', class: 'plain', 'aria-label': 'Reply to no message', onclick: () => quote(null) },
        '✕',
      ),
    );
    channel.value = 'whatsapp';
    text.focus();
  }

  const tap = (message, payload, title) => ask('POST', `${path}/tap`, { sid: message.sid, payload, text: title });

  async function send(body) {
    const original = channel.value === 'whatsapp' && quoted ? { originalSid: quoted.sid } : {};
    quote(null);
    const answer = await ask('POST', `${path}/reply`, { channel: channel.value, body, ...original });
    if (answer && answer.status === null) toast('It was written, but no webhook took it.');
  }

  composer.addEventListener('submit', (event) => {
    event.preventDefault();
    const body = text.value;
    if (body.trim() === '') return;
    text.value = '';
    void send(body);
  });

  function draw(phone) {
    const rows = entries(phone);
    const last = thread.lastElementChild?.dataset.key;
    count.textContent = `${counted(phone.messages.length, 'message')}, ${counted(phone.calls.length, 'call')}`;
    empty.hidden = rows.length > 0;
    keyed(
      thread,
      rows,
      (row) => row.sid,
      (row) => (row.call ? pastCall(row.call) : bubble(row.message, { quote, tap })),
    );
    if (rows.at(-1)?.sid !== last) thread.scrollTop = thread.scrollHeight;
    const active = phone.calls.findLast((one) => isActive(one)) ?? null;
    // First: what is inert takes no focus.
    for (const part of behind) part.inert = active !== null;
    call.show(active);
  }

  return { element, draw, press: call.press };
}
