/** Creates an element: `on…` properties become listeners, the others attributes; strings become text. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ''));
  return element;
}

export const find = (id) => document.getElementById(id);

/** The focus moves from an element to the part of its successor that has the same test id. */
function replaceWith(old, element) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(element);
  if (!focused) return;
  const id = focused.dataset.testid;
  const same =
    id === undefined
      ? null
      : element.matches(`[data-testid="${id}"]`)
        ? element
        : element.querySelector(`[data-testid="${id}"]`);
  same?.focus();
}

/** Shows rows in order. An element is rebuilt only when its row changed, and only what is new moves, to keep focus and scroll position. */
export function keyed(container, rows, keyOf, build) {
  const known = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let before = null;
  for (const row of rows) {
    const key = keyOf(row);
    const content = JSON.stringify(row);
    let element = known.get(key);
    known.delete(key);
    if (element?.dataset.content !== content) {
      const built = build(row);
      built.dataset.key = key;
      built.dataset.content = content;
      if (element) replaceWith(element, built);
      element = built;
    }
    const next = before === null ? container.firstElementChild : before.nextElementSibling;
    if (element !== next) container.insertBefore(element, next);
    before = element;
  }
  for (const left of known.values()) left.remove();
}

export const clock = (at) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

let hiding;
export function toast(text) {
  const box = find('toast');
  box.textContent = text;
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => (box.hidden = true), 6000);
}

/** Shows whether the server answers. */
export function showAway(isAway) {
  const link = find('link');
  link.textContent = isAway ? 'not connected' : 'live';
  link.classList.toggle('live', !isAway);
  find('away').hidden = !isAway;
}

/** Sends a request to the control API; shows a refusal, or that nobody answers, and gives null then. */
export async function ask(method, path, body) {
  const json =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  let response;
  let answer;
  try {
    response = await fetch(`/sandbox/${path}`, { method, ...json });
    const text = await response.text();
    answer = text === '' ? {} : JSON.parse(text);
  } catch {
    showAway(true);
    return null;
  }
  if (response.ok) return answer;
  toast(answer.error ?? answer.message ?? `The sandbox answered ${response.status}.`);
  return null;
}
