import { ask, find, h, keyed } from './dom.js';
import { createPhone, isActive } from './phone.js';

let phones = [];
let chosen = null;
const seen = {};
const drawn = new Map();

const received = (phone) => phone.messages.filter((one) => one.direction !== 'inbound').length + phone.calls.length;
const unread = (phone) => (phone.number === chosen ? 0 : received(phone) - (seen[phone.number] ?? 0));

/** Where only one phone has room it is the chosen one; where there is room for more, the chosen one comes into view. */
function choose(number) {
  chosen = number;
  draw();
  drawn.get(number)?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function tab({ number, name, count, selected, rings }) {
  return h(
    'button',
    {
      type: 'button',
      'data-testid': 'phone-tab',
      'data-number': number,
      'aria-pressed': String(selected),
      class: rings ? 'rings' : '',
      onclick: () => choose(number),
    },
    name ?? number,
    rings ? h('span', { class: 'said' }, ' rings') : null,
    count > 0 ? h('span', { class: 'unread' }, String(count), h('span', { class: 'said' }, ' new')) : null,
  );
}

function drawTabs() {
  const rows = phones.map((phone) => ({
    number: phone.number,
    name: phone.name,
    count: unread(phone),
    selected: phone.number === chosen,
    rings: phone.calls.some((call) => isActive(call)),
  }));
  keyed(find('tabs'), rows, (row) => row.number, tab);
}

function phoneOf({ number, name }) {
  const known = drawn.get(number);
  if (known && known.name === name) return known.phone;
  const phone = createPhone(number, name);
  known?.phone.element.remove();
  drawn.set(number, { name, phone, element: phone.element });
  return phone;
}

function draw() {
  if (chosen === null || !phones.some((phone) => phone.number === chosen)) chosen = phones[0]?.number ?? null;
  const box = find('hands');
  box.dataset.count = String(phones.length);
  if (phones.length === 0) {
    box.replaceChildren(
      h('p', { class: 'nobody' }, 'No phone yet: let an item fail in the Tableau panel, and see who is paged.'),
    );
    return;
  }
  box.querySelector('.nobody')?.remove();
  for (const phone of phones) {
    const { element, draw: show } = phoneOf(phone);
    if (!element.isConnected) box.append(element);
    element.classList.toggle('chosen', phone.number === chosen);
    show(phone);
    if (phone.number === chosen) seen[phone.number] = received(phone);
  }
  drawTabs();
}

/** Loads all phones again. */
export async function refreshPhones() {
  const answer = await ask('GET', 'phones');
  if (!answer) return;
  const rang = (phone) => phone.calls.some((call) => call.status === 'ringing');
  const before = new Set(phones.filter((phone) => rang(phone)).map((phone) => phone.number));
  phones = answer.phones;
  for (const [number, { element }] of drawn) {
    if (phones.some((phone) => phone.number === number)) continue;
    element.remove();
    drawn.delete(number);
  }
  // Shows the phone that rings.
  const ringing = phones.find((phone) => rang(phone) && !before.has(phone.number));
  if (ringing) chosen = ringing.number;
  draw();
}

/** The digits of the keyboard press keys while somebody is in a call: in the phone that has the focus, or in any. */
export function startPhones() {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || !/^[0-9*#]$/.test(event.key)) return;
    const all = [...drawn.values()].toSorted((one) => (one.element.contains(event.target) ? -1 : 1));
    all.some(({ phone }) => phone.press(event.key));
  });
}
