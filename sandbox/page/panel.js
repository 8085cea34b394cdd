import { ask, clock, find, h, keyed } from './dom.js';
import { roving } from './roving.js';

const causes = [
  'Unable to connect to the server "db.example.com". Check that the server is running and that you have access privileges.',
  'The password of the database account has expired (ORA-28001).',
  'The query ran longer than 7200 seconds and was cancelled.',
  'The column "net_revenue" does not exist in the table "sales".',
  'There was not enough disk space for the extract.',
];

const faults = [
  ['WhatsApp: the next one cannot be delivered (63016)', { target: 'receipts.whatsapp', code: 63016 }],
  ['SMS: the next one is not delivered (30003)', { target: 'receipts.sms', code: 30003 }],
  ['WhatsApp: the next one is refused (63024)', { target: 'twilio.messages.whatsapp', code: 63024, status: 400 }],
  ['Twilio: 503 three times', { target: 'twilio', status: 503, times: 3 }],
  ['Twilio: 503 until it is cleared', { target: 'twilio', status: 503, times: 'always' }],
  ['Twilio: takes the next message, then cuts the line', { target: 'twilio.messages', drop: 'after' }],
  ['Twilio: takes the next message, answers after 15 s', { target: 'twilio.messages', delayMs: 15_000 }],
  ['Twilio: too many requests (429) five times', { target: 'twilio', status: 429, times: 5 }],
  ['Tableau: 500 until it is cleared', { target: 'tableau', status: 500, times: 'always' }],
  ['Tableau: the next answer comes after 5 s', { target: 'tableau', delayMs: 5000 }],
];

const conditionTexts = {
  healthy: 'works',
  broken: 'broken',
  flaky: 'broken, a rerun works',
  queued: 'its jobs never begin',
  stuck: 'its jobs never end',
};
const kinds = { workbook: 'Workbook', datasource: 'Data source' };

const act = (item, action, body) => ask('POST', `tableau/items/${item.luid}/${action}`, body);

function fail(item) {
  return act(item, 'fail', { notes: chosenCause(), condition: find('flaky').checked ? 'flaky' : 'broken' });
}

function row(item) {
  const running = item.lastJob?.status === 'Pending' || item.lastJob?.status === 'InProgress';
  const job = item.lastJob
    ? `${running ? 'refreshing' : item.lastJob.status.toLowerCase()} ${clock(item.lastJob.at)}`
    : 'not refreshed yet';
  const act1 = (name, label, run) =>
    h(
      'button',
      {
        type: 'button',
        class: name,
        'data-testid': `item-${name}`,
        onclick: run,
        'aria-label': `${label} ${item.name}`,
      },
      label,
    );
  return h(
    'div',
    {
      class: `item ${item.condition}`,
      'data-testid': 'item',
      'data-luid': item.luid,
      'data-condition': item.condition,
      role: 'group',
      'aria-label': item.name,
      id: `item-${item.number}`,
    },
    h('span', { class: 'dot', title: conditionTexts[item.condition], 'aria-hidden': 'true' }),
    h(
      'div',
      { class: 'what' },
      h('strong', {}, item.name),
      h('small', {}, `${conditionTexts[item.condition]} · ${kinds[item.kind]} · ${item.project} · ${job}`),
    ),
    h(
      'div',
      { class: 'actions' },
      act1('fail', 'Fail', () => fail(item)),
      act1('recover', 'Recover', () => act(item, 'recover')),
      act1('rerun', 'Rerun', () => act(item, 'rerun')),
    ),
  );
}

let updateStop = () => undefined;
let hasShownLinked = false;

export async function refreshItems() {
  const answer = await ask('GET', 'tableau/items');
  if (!answer) return;
  keyed(find('items'), answer.items, (item) => item.luid, row);
  updateStop();
  find('calm').disabled = answer.items.every(({ condition }) => condition === 'healthy');
  if (!hasShownLinked) showLinked();
  hasShownLinked = true;
}

const describeFault = ({ target, times, status, code, delayMs, drop }) =>
  [
    target,
    status ?? null,
    code ? `code ${code}` : null,
    delayMs ? `after ${delayMs / 1000} s` : null,
    drop ? `cut ${drop} it is taken` : null,
    times === 'always' ? 'until cleared' : `× ${times}`,
  ]
    .filter((part) => part !== null)
    .join(' · ');

export async function refreshSwitches() {
  const [known, settings] = [await ask('GET', 'faults'), await ask('GET', 'settings')];
  if (!known || !settings) return;
  find('receipts').value = settings.receipts;
  find('window').value = settings.whatsappWindow;
  find('faults').replaceChildren(
    ...known.faults.map((fault) => h('li', { 'data-testid': 'fault' }, describeFault(fault))),
    ...(known.faults.length > 0
      ? [
          h(
            'li',
            {},
            h(
              'button',
              { type: 'button', 'data-testid': 'fault-clear', onclick: () => ask('DELETE', 'faults') },
              'Clear all faults',
            ),
          ),
        ]
      : []),
  );
}

/** Scrolls to the item of a Tableau link: `#/workbooks/265601`. */
function showLinked() {
  const number = /(?:workbooks|datasources)\/(\d+)/.exec(location.hash)?.[1];
  const item = number ? find(`item-${number}`) : null;
  if (!item) return;
  item.scrollIntoView({ block: 'center' });
  item.classList.add('linked');
}

const chosenCause = () => causes[Number(find('cause').value)];

export function startPanel() {
  updateStop = roving(find('items'));
  find('storm').addEventListener('click', () => void ask('POST', 'tableau/storm', { items: 30, notes: chosenCause() }));
  find('calm').addEventListener('click', () => void ask('POST', 'tableau/calm'));
  find('cause').replaceChildren(...causes.map((cause, index) => h('option', { value: String(index) }, cause)));
  find('preset').replaceChildren(...faults.map(([label], index) => h('option', { value: String(index) }, label)));
  find('how').addEventListener('submit', (event) => event.preventDefault());
  find('add').addEventListener('submit', (event) => {
    event.preventDefault();
    const name = find('name');
    void ask('POST', 'tableau/items', { kind: find('kind').value, name: name.value });
    name.value = '';
  });
  find('fault').addEventListener('submit', (event) => {
    event.preventDefault();
    void ask('POST', 'faults', faults[Number(find('preset').value)][1]);
  });
  const change = (id, setting) =>
    find(id).addEventListener('change', (event) => void ask('PUT', 'settings', { [setting]: event.target.value }));
  change('receipts', 'receipts');
  change('window', 'whatsappWindow');
  window.addEventListener('hashchange', showLinked);
}
