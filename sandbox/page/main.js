import { startCall } from './call.js';
import { clock, find, h } from './dom.js';
import { refreshItems, refreshSwitches, startPanel } from './panel.js';
import { refreshPhones, startPhone } from './phone.js';

/** Many changes at once become one look, and never two at the same time. */
function gathered(look) {
  let again = false;
  let looking = false;
  return async () => {
    again = true;
    if (looking) return;
    looking = true;
    while (again) {
      again = false;
      try {
        await look();
      } catch {
        // The server went away; the event stream says so and comes back.
      }
    }
    looking = false;
  };
}

const looks = {
  phone: gathered(refreshPhones),
  tableau: gathered(refreshItems),
  switches: gathered(refreshSwitches),
};
const lookAtAll = () => Promise.all(Object.values(looks).map((look) => look()));

function addLine({ line, at }) {
  const log = find('log');
  log.prepend(h('li', {}, h('time', {}, clock(at)), ' ', line));
  while (log.children.length > 200) log.lastElementChild.remove();
}

function follow() {
  const events = new EventSource('/sandbox/events');
  const link = find('link');
  events.addEventListener('open', () => {
    link.textContent = 'live';
    link.classList.add('live');
    // The stream begins with the latest lines.
    find('log').replaceChildren();
    void lookAtAll();
  });
  events.addEventListener('error', () => {
    link.textContent = 'not connected';
    link.classList.remove('live');
  });
  events.addEventListener('message', (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === 'log') addLine(change);
    else if (change.kind === 'reset') void lookAtAll();
    else void looks[change.kind]();
  });
}

startPhone();
startCall();
await startPanel();
follow();
