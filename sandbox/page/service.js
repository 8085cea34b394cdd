import { ask, find, h, keyed } from './dom.js';

/** How many incidents are shown; the others are counted. */
const most = 6;
const channels = { whatsapp: 'WhatsApp', sms: 'SMS', call: 'call' };
const isOver = ({ state }) => state === 'resolved' || state === 'forgotten';

/** The clock of the server minus the one of this browser. */
let aheadMs = 0;

/** "0:24", "1:05:00"; "now" where it is due. */
function countdown(until) {
  const seconds = Math.ceil((Date.parse(until) - (Date.now() + aheadMs)) / 1000);
  if (seconds <= 0) return 'now';
  const pair = (number) => String(number).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `in ${hours > 0 ? `${hours}:${pair(minutes)}` : minutes}:${pair(seconds % 60)}`;
}

const time = (until) =>
  h('time', { datetime: until, 'data-until': until, 'data-testid': 'countdown' }, countdown(until));

function tick() {
  for (const element of document.querySelectorAll('[data-until]')) {
    const text = countdown(element.dataset.until);
    if (element.textContent !== text) element.textContent = text;
  }
}

function whoHasIt({ state, acknowledgedBy, snoozedBy }) {
  if (isOver({ state })) return 'over';
  if (state === 'unacknowledged') return 'nobody answered';
  if (state === 'snoozed') return `${snoozedBy ?? 'somebody'} snoozed it`;
  return acknowledgedBy === null ? 'nobody has it yet' : `${acknowledgedBy} has it`;
}

function incident(row) {
  return h(
    'li',
    { class: `incident ${row.state}`, 'data-testid': 'incident', 'data-state': row.state },
    h('strong', {}, row.item.name),
    h('span', { class: 'state' }, row.state),
    h('span', { class: 'who' }, whoHasIt(row)),
    row.next && !isOver(row)
      ? h('small', { 'data-testid': 'next' }, `Next: ${row.next.what} `, time(row.next.at))
      : null,
  );
}

const group = (one) =>
  h(
    'li',
    { 'data-testid': 'held' },
    h('strong', {}, `${one.pages} ${one.pages === 1 ? 'page' : 'pages'}`),
    ` to ${one.contact} by ${channels[one.channel] ?? one.channel} held back`,
    one.until === null ? null : [', next message ', time(one.until)],
    `: ${one.why}`,
  );

function countsText(incidents) {
  const open = incidents.filter((one) => !isOver(one));
  if (open.length === 0) return incidents.length === 0 ? 'none yet' : 'none open';
  const taken = open.filter(({ state }) => state === 'acknowledged' || state === 'snoozed').length;
  return `${open.length} open, ${taken} taken`;
}

/** Rows of incidents, the last of which counts those that are not shown. */
function drawIncidents(incidents) {
  const more = incidents.length - most;
  const rows = [...incidents.slice(0, most), ...(more > 0 ? [{ id: 'more', more }] : [])];
  const draw = (row) => (row.more ? h('li', { class: 'rest' }, `and ${row.more} more`) : incident(row));
  keyed(find('incidents'), rows, ({ id }) => id, draw);
}

/** Loads what the service says of its incidents. */
export async function refreshService() {
  const answer = await ask('GET', 'service');
  if (!answer) return;
  find('service').hidden = answer.url === null;
  if (answer.url === null) return;
  aheadMs = answer.now - Date.now();
  const problem = find('problem');
  problem.hidden = answer.problem === null;
  problem.textContent = answer.problem === null ? '' : `The service does not say how incidents are: ${answer.problem}.`;
  find('counts').textContent = countsText(answer.incidents);
  const addresses = Object.entries(answer.links);
  keyed(
    find('addresses'),
    addresses,
    ([name]) => name,
    ([name, href]) => h('a', { href, target: '_blank', rel: 'noreferrer' }, name),
  );
  keyed(find('held'), answer.held, ({ contact, channel, why }) => `${contact} ${channel} ${why}`, group);
  drawIncidents(answer.incidents);
}

export const startService = () => setInterval(tick, 1000);
