import { refreshChat } from './chat.js';
import { clock, find, h, showAway } from './dom.js';
import { refreshItems, refreshSwitches, startPanel } from './panel.js';
import { refreshPhones, startPhones } from './phones.js';
import { refreshService, startService } from './service.js';

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
      await refresh();
    }
    running = false;
  };
}

const refreshes = {
  phone: joined(refreshPhones),
  tableau: joined(refreshItems),
  switches: joined(refreshSwitches),
  incidents: joined(refreshService),
  chat: joined(refreshChat),
};
const refreshAll = () => Promise.all(Object.values(refreshes).map((refresh) => refresh()));

function addLine({ line, at }) {
  const log = find('log');
  log.prepend(h('li', {}, h('time', {}, clock(at)), ' ', line));
  while (log.children.length > 200) log.lastElementChild.remove();
}

function follow() {
  const events = new EventSource('/sandbox/events');
  events.addEventListener('open', () => {
    showAway(false);
    // The stream begins with the latest lines.
    find('log').replaceChildren();
    void refreshAll();
  });
  events.addEventListener('error', () => {
    showAway(true);
    // The browser gives up where something else answers in place of the sandbox.
    if (events.readyState === EventSource.CLOSED) setTimeout(follow, 2000);
  });
  events.addEventListener('message', (event) => {
    const change = JSON.parse(event.data);
    if (change.kind === 'log') addLine(change);
    else if (change.kind === 'reset') void refreshAll();
    else void refreshes[change.kind]();
  });
}

startPhones();
startPanel();
startService();
// What a person needs first; the rest comes when the stream of changes is open.
void refreshes.tableau();
void refreshes.phone();
follow();
