// Keeps a page up to date: when the server says that something has changed, the page is fetched again and its main part is replaced. Without
// this script the page is whole; it is then loaded again every 30 s.
const main = document.querySelector('main[data-live]');

let isFetching = false;
let isStale = false;

/** Nobody loses what they are typing, and the focus stays where it was. */
const isInUse = () =>
  main.contains(document.activeElement) && /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);

async function renew() {
  if (isFetching || isInUse()) {
    isStale = true;
    return;
  }
  isFetching = true;
  isStale = false;
  try {
    const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
    if (response.redirected) location.assign(response.url);
    const found = new DOMParser().parseFromString(await response.text(), 'text/html').querySelector('main');
    if (response.ok && found) {
      const focused = document.activeElement?.id;
      main.replaceChildren(...found.childNodes);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
      document.body.removeAttribute('data-cut-off');
    }
  } catch {
    document.body.dataset.cutOff = '';
  } finally {
    isFetching = false;
  }
  if (isStale) await renew();
}

if (main) {
  const events = new EventSource(main.dataset.live);
  events.addEventListener('changed', () => void renew());
  events.addEventListener('open', () => document.body.removeAttribute('data-cut-off'));
  // The browser connects again by itself; until then the reader knows that the page may be old.
  events.addEventListener('error', () => (document.body.dataset.cutOff = ''));
  document.addEventListener('focusout', () => isStale && setTimeout(() => void renew()));
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void renew());
}
