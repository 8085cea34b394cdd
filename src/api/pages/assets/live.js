// Keeps a page up to date: when the server says that something has changed, the page is fetched again and its main part is replaced. Without
// this script the page is whole; it is then loaded again every 30 s.
const main = document.querySelector('main[data-live]');
const stale = document.getElementById('stale');
const everyMs = 60_000;
const fetchTimeoutMs = 20_000;

let isFetching = false;
/** The page should be fetched: something has changed, or a minute has passed. */
let isDue = false;
/** What keeps what is shown from being up to date. */
const troubles = new Set();

/** Nobody loses the field that they type in, or the button that they are pressing. */
const isInUse = () =>
  main.matches(':active') ||
  (main.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName));

/** Shows how old the page is where it cannot be renewed. */
function showHowOld() {
  const madeAt = main.querySelector('#as-of time')?.textContent;
  const old = madeAt === undefined ? 'what you see may be old' : `what you see is as of ${madeAt}`;
  const why = troubles.size > 0 ? 'No connection' : isDue && isInUse() ? 'Not renewed while you are in a field' : null;
  const text = why === null ? '' : `${why}: ${old}.`;
  stale.classList.toggle('waits', troubles.size === 0);
  if (stale.textContent !== text) stale.textContent = text;
}

function note(trouble, is) {
  if (is) troubles.add(trouble);
  else troubles.delete(trouble);
  showHowOld();
}

/** Finds the same element in the renewed page. */
function selectorOf(element) {
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.matches('details[id] > summary')) return `#${CSS.escape(element.parentElement.id)} > summary`;
  return element.matches('a[href]') ? `a[href="${CSS.escape(element.getAttribute('href'))}"]` : null;
}

const firstValueOf = ({ defaultValue, options }) =>
  defaultValue ?? ([...options].find(({ defaultSelected }) => defaultSelected) ?? options[0])?.value;

/** What was filled in and which parts were opened stays, and the focus stays where it was. */
function replaceMain(found) {
  const focused = main.contains(document.activeElement) ? selectorOf(document.activeElement) : null;
  const opened = [...main.querySelectorAll('details[id][open]')].map(({ id }) => id);
  const filledIn = [...main.querySelectorAll('input[id], select[id]')]
    .filter((field) => field.value !== firstValueOf(field))
    .map(({ id, value }) => [id, value]);
  main.replaceChildren(...found.childNodes);
  if (found.dataset.live) main.dataset.live = found.dataset.live;
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  for (const [id, value] of filledIn) {
    const field = document.getElementById(id);
    if (field) field.value = value;
  }
  if (focused) main.querySelector(focused)?.focus({ preventScroll: true });
}

async function fetchPage() {
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store', signal });
  if (response.redirected) location.assign(response.url);
  if (!response.ok) throw new Error(`The page was answered by ${response.status}.`);
  const renewed = new DOMParser().parseFromString(await response.text(), 'text/html');
  const found = renewed.querySelector('main');
  if (found === null) throw new Error('The page has no main part.');
  return { title: renewed.title, found };
}

async function renew() {
  isDue = true;
  if (isFetching || isInUse()) return showHowOld();
  isFetching = true;
  isDue = false;
  try {
    const { title, found } = await fetchPage();
    if (isInUse()) isDue = true;
    else {
      document.title = title;
      replaceMain(found);
    }
    note('fetch', false);
  } catch {
    note('fetch', true);
  } finally {
    isFetching = false;
  }
  if (isDue && !isInUse()) await renew();
}

let events = null;

/** Another connection is told again where Temporal is unavailable, and not that it is available. */
function disconnect() {
  events?.close();
  events = null;
  note('temporal', false);
}

/** A page that nobody looks at holds no connection: browsers have six for a host. */
function connect() {
  if (document.visibilityState !== 'visible') return disconnect();
  if (events !== null) return;
  events = new EventSource(main.dataset.live);
  events.addEventListener('changed', () => void renew());
  events.addEventListener('open', () => note('events', false));
  events.addEventListener('available', () => note('temporal', false));
  events.addEventListener('unavailable', () => note('temporal', true));
  events.addEventListener('error', () => {
    // The browser connects again by itself, but where it was refused.
    if (events?.readyState === EventSource.CLOSED) disconnect();
    note('temporal', false);
    note('events', true);
  });
}

if (main) {
  connect();
  const onLeave = () => setTimeout(() => isDue && void renew());
  for (const leaving of ['focusout', 'pointerup', 'pointercancel']) document.addEventListener(leaving, onLeave);
  document.addEventListener('visibilitychange', () => {
    connect();
    if (document.visibilityState === 'visible') void renew();
  });
  window.addEventListener('pagehide', disconnect);
  window.addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return;
    connect();
    void renew();
  });
  // "in 4 min" becomes "in 3 min" although nothing has happened.
  setInterval(() => {
    connect();
    if (document.visibilityState === 'visible') void renew();
  }, everyMs);
}
