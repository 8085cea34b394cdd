import { ask, h } from './dom.js';

const act = (sid, action, body) => ask('POST', `calls/${sid}/${action}`, body);
const button = (name, label, run, testid) =>
  h('button', { type: 'button', class: name, 'data-testid': testid, onclick: run }, label);

function ringing(call) {
  return [
    h('div', { class: 'pulse', 'aria-hidden': 'true' }, '☎'),
    h('p', { class: 'who' }, call.from),
    h('p', { class: 'state' }, 'is calling'),
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
    h('p', { class: 'spoken', 'data-testid': 'call-spoken', tabindex: '0' }, call.spoken || '…'),
    person ? h('div', { class: 'keys', role: 'group', 'aria-label': 'Keypad' }, keys) : null,
    button('red', 'Hang up', () => act(call.sid, 'hangup'), 'call-hangup'),
  ].filter((part) => part !== null);
}

/** What the focus goes to when the call that has it changes. */
const firstOf = { ringing: 'call-answer', 'in-progress': 'call-key-1' };

/**
 * The call of one phone, which covers its screen.
 * @param onEnd is called when the call that had the focus is over
 */
export function createCall(onEnd) {
  let shown = null;
  const element = h('div', { class: 'call', 'data-testid': 'call', role: 'group', 'aria-label': 'Call', hidden: true });

  function update(call) {
    const spoken = element.querySelector('.spoken');
    if (!spoken || shown.spoken === call.spoken) return;
    spoken.textContent = call.spoken;
    spoken.scrollTop = spoken.scrollHeight;
  }

  /** Shows the call that rings or runs, null for none. */
  function show(call) {
    if (shown && call && shown.sid === call.sid && shown.status === call.status) update(call);
    else {
      const hadFocus = element.contains(document.activeElement);
      element.hidden = call === null;
      element.dataset.status = call?.status ?? '';
      element.replaceChildren(...(call === null ? [] : call.status === 'ringing' ? ringing(call) : inCall(call)));
      if (hadFocus && call) element.querySelector(`[data-testid=${firstOf[call.status]}]`)?.focus();
      if (hadFocus && !call) onEnd();
    }
    shown = call;
  }

  /** Presses a key in the call; false where a person is in none. */
  function press(digits) {
    if (shown?.status !== 'in-progress' || shown.answeredBy !== 'human') return false;
    void act(shown.sid, 'press', { digits });
    return true;
  }

  return { element, show, press };
}
