import { startCall } from './call.js';
import { clock, find, h } from './dom.js';
import { refreshItems, refreshSwitches, startPanel } from './panel.js';
import { refreshPhones, startPhone } from './phone.js';

/** Joins changes into one refresh at a time. */
function joined(refresh) {
  let again = false;
  let running = false;
  return async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      try {
        await refresh();
      } catch {
        // The server is unavailable; the event stream shows it and reconnects.
      }
    }
    running = false;
  };
}

const refreshes = {
  phone: joined(refreshPhones),
  tableau: joined(refreshItems),
  switches: joined(refreshSwitches),
};
const refreshAll = () => Promise.all(Object.values(refreshes).map((refresh) => refresh()));

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
    void refreshAll();
  });
  events.addEventListener('error', () => {
    link.textContent = 'not connected';
    link.classList.remove('live');
  });
  events.addEventListener('message', (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === 'log') addLine(change);
    else if (change.kind === 'reset') void refreshAll();
    else void refreshes[change.kind]();
  });
}

startPhone();
startCall();
await startPanel();
follow();
