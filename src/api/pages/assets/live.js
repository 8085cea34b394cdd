// Keeps a page up to date: when the server says that something has changed, the page is fetched again and its main part is replaced. Without
// this script the page is whole; it is then loaded again every 30 s.
const main = document.querySelector('main[data-live]');

let isFetching = false;
let isStale = false;

/** Nobody loses what they are typing, and the focus stays where it was. */
const isInUse = () =>
  main.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);

/** What was filled in, and which parts were opened, stays. */
const isTouched = () =>
  [...main.querySelectorAll('form[data-kept]')].some((form) =>
    [...form.elements].some(({ value, defaultValue }) => defaultValue !== undefined && value !== defaultValue),
  );

function replaceMain(found) {
  const focused = document.activeElement?.id;
  const opened = [...main.querySelectorAll('details[id][open]')].map(({ id }) => id);
  main.replaceChildren(...found.childNodes);
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

async function renew() {
  if (isFetching || isInUse() || isTouched()) {
    isStale = true;
    return;
  }
  isFetching = true;
  isStale = false;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (response.redirected) location.assign(response.url);
    const renewed = new DOMParser().parseFromString(await response.text(), 'text/html');
    const found = renewed.querySelector('main');
    if (response.ok && found) {
      document.title = renewed.title;
      replaceMain(found);
      cutOff(false);
    }
  } catch {
    cutOff(true);
  } finally {
    isFetching = false;
  }
  if (isStale) await renew();
}

/** Whether the reader is told that the page may be old. */
function cutOff(is) {
  if (is) document.body.dataset.cutOff = '';
  else document.body.removeAttribute('data-cut-off');
}

let events = null;

/** A page that nobody looks at holds no connection: browsers have six for a host. */
function connect() {
  if (document.visibilityState !== 'visible') {
    events?.close();
    events = null;
    return;
  }
  if (events !== null) return;
  events = new EventSource(main.dataset.live);
  events.addEventListener('changed', () => void renew());
  events.addEventListener('open', () => cutOff(false));
  events.addEventListener('back', () => cutOff(false));
  events.addEventListener('away', () => cutOff(true));
  // The browser connects again by itself.
  events.addEventListener('error', () => cutOff(true));
}

if (main) {
  connect();
  document.addEventListener('focusout', () => isStale && setTimeout(() => void renew()));
  document.addEventListener('visibilitychange', () => {
    connect();
    if (document.visibilityState === 'visible') void renew();
  });
  window.addEventListener('pagehide', () => events?.close());
  // "in 4 min" becomes "in 3 min" although nothing has happened.
  setInterval(() => document.visibilityState === 'visible' && void renew(), 60_000);
}
