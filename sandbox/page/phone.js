import { bubble, pastCall } from './bubble.js';
import { showCall } from './call.js';
import { ask, find, h, keyed, toast } from './dom.js';

let phones = [];
let chosen = null;
let quoted = null;
let seen = {};

const phonePath = (number) => `phones/${encodeURIComponent(number)}`;
const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`;
const isActive = (call) => call.status === 'ringing' || call.status === 'in-progress';

function quote(message) {
  quoted = message;
  const box = find('quoting');
  box.hidden = message === null;
  box.replaceChildren(
    ...(message === null
      ? []
      : [
          h('span', {}, `Reply to: ${message.body.slice(0, 60)}`),
          h(
            'button',
            { type: 'button', class: 'plain', 'aria-label': 'Reply to no message', onclick: () => quote(null) },
            '✕',
          ),
        ]),
  );
  if (message === null) return;
  find('channel').value = 'whatsapp';
  find('text').focus();
}

const tap = (message, payload, text) => ask('POST', `${phonePath(chosen)}/tap`, { sid: message.sid, payload, text });

const entries = (phone) =>
  [
    ...phone.messages.map((message) => ({ at: message.at, sid: message.sid, message })),
    ...phone.calls.filter((call) => !isActive(call)).map((call) => ({ at: call.at, sid: call.sid, call })),
  ].toSorted((one, other) => one.at - other.at);

const unread = (phone) =>
  phone.number === chosen
    ? 0
    : phone.messages.filter((one) => one.direction !== 'inbound').length +
      phone.calls.length -
      (seen[phone.number] ?? 0);

function choose(number) {
  chosen = number;
  quote(null);
  find('thread').replaceChildren();
  draw();
}

function drawTabs() {
  const rows = phones.map((phone) => ({
    number: phone.number,
    unread: unread(phone),
    selected: phone.number === chosen,
    rings: phone.calls.some((call) => isActive(call)),
  }));
  keyed(
    find('tabs'),
    rows,
    (row) => row.number,
    (row) =>
      h(
        'button',
        {
          type: 'button',
          role: 'tab',
          'data-testid': 'phone-tab',
          'data-number': row.number,
          'aria-selected': String(row.selected),
          class: row.rings ? 'rings' : '',
          onclick: () => choose(row.number),
        },
        row.number,
        row.unread > 0 ? h('span', { class: 'unread' }, String(row.unread)) : null,
      ),
  );
}

function draw() {
  if (chosen === null || !phones.some((phone) => phone.number === chosen)) chosen = phones[0]?.number ?? null;
  const phone = phones.find((one) => one.number === chosen);
  find('empty').hidden = phone !== undefined;
  find('composer').hidden = phone === undefined;
  find('owner').textContent = phone?.number ?? 'No phone yet';
  find('count').textContent = phone
    ? `${counted(phone.messages.length, 'message')}, ${counted(phone.calls.length, 'call')}`
    : '';
  if (phone)
    seen[phone.number] = phone.messages.filter((one) => one.direction !== 'inbound').length + phone.calls.length;
  drawTabs();
  const thread = find('thread');
  const last = thread.lastElementChild?.dataset.key;
  const rows = phone ? entries(phone) : [];
  keyed(
    thread,
    rows,
    (row) => row.sid,
    (row) => (row.call ? pastCall(row.call) : bubble(row.message, { quote, tap })),
  );
  if (rows.at(-1)?.sid !== last) thread.scrollTop = thread.scrollHeight;
  showCall(phone?.calls.findLast((call) => isActive(call)) ?? null);
}

/** Loads all phones again. */
export async function refreshPhones() {
  const answer = await ask('GET', 'phones');
  if (!answer) return;
  const rang = (phone) => phone.calls.some((call) => call.status === 'ringing');
  const before = new Set(phones.filter((phone) => rang(phone)).map((phone) => phone.number));
  phones = answer.phones;
  // Selects the phone that rings.
  const ringing = phones.find((phone) => rang(phone) && !before.has(phone.number));
  if (ringing) chosen = ringing.number;
  draw();
}

async function send(body) {
  const channel = find('channel').value;
  const original = channel === 'whatsapp' && quoted ? { originalSid: quoted.sid } : {};
  quote(null);
  const answer = await ask('POST', `${phonePath(chosen)}/reply`, { channel, body, ...original });
  if (answer && answer.status === null) toast('It was written, but no webhook took it.');
}

export function startPhone() {
  find('chips').replaceChildren(
    ...['ACK', 'ALL', '1', 'STOP', 'START'].map((word) =>
      h('button', { type: 'button', onclick: () => void send(word) }, word),
    ),
  );
  find('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    const input = find('text');
    const body = input.value;
    if (body.trim() === '' || chosen === null) return;
    input.value = '';
    void send(body);
  });
}
