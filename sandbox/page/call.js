import { ask, find, h } from './dom.js';

let shown = null;

const act = (sid, action, body) => ask('POST', `calls/${sid}/${action}`, body);
const button = (name, label, run, testid) =>
  h('button', { type: 'button', class: name, 'data-testid': testid, onclick: run }, label);

function ringing(call) {
  return [
    h('div', { class: 'pulse', 'aria-hidden': 'true' }, '☎'),
    h('p', { class: 'who' }, call.from),
    h('p', { class: 'state', role: 'status' }, 'is calling'),
    h(
      'div',
      { class: 'answers' },
      button('red', 'Decline', () => act(call.sid, 'decline'), 'call-decline'),
      button('green', 'Answer', () => act(call.sid, 'answer'), 'call-answer'),
    ),
    button('plain', 'Let voicemail take it', () => act(call.sid, 'voicemail'), 'call-voicemail'),
  ];
}

function inCall(call) {
  const person = call.answeredBy === 'human';
  const keys = '123456789*0#'.split('').map((digit) =>
    h(
      'button',
      {
        type: 'button',
        'data-testid': `call-key-${digit}`,
        'aria-label': `Key ${digit}`,
        onclick: () => act(call.sid, 'press', { digits: digit }),
      },
      digit,
    ),
  );
  return [
    h('p', { class: 'who' }, call.from),
    h('p', { class: 'state' }, person ? 'in the call' : 'voicemail listens'),
    h('p', { class: 'spoken', 'data-testid': 'call-spoken', 'aria-live': 'polite' }, call.spoken || '…'),
    person ? h('div', { class: 'keys', role: 'group', 'aria-label': 'Keypad' }, keys) : null,
    button('red', 'Hang up', () => act(call.sid, 'hangup'), 'call-hangup'),
  ].filter((part) => part !== null);
}

/** Shows the call that rings or runs, null for none. The digits of the keyboard press keys while it runs. */
export function showCall(call) {
  const box = find('call');
  const same = shown && call && shown.sid === call.sid && shown.status === call.status;
  if (same) {
    const spoken = box.querySelector('.spoken');
    if (spoken && shown.spoken !== call.spoken) {
      spoken.textContent = call.spoken;
      spoken.scrollTop = spoken.scrollHeight;
    }
    shown = call;
    return;
  }
  shown = call;
  box.hidden = call === null;
  box.dataset.status = call?.status ?? '';
  box.replaceChildren(...(call === null ? [] : call.status === 'ringing' ? ringing(call) : inCall(call)));
}

export function startCall() {
  document.addEventListener('keydown', (event) => {
    const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (shown?.status === 'in-progress' && shown.answeredBy === 'human' && /^[0-9*#]$/.test(event.key))
      void act(shown.sid, 'press', { digits: event.key });
  });
}
