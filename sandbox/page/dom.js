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

/** Shows rows in order; rebuilds an element only when its row changed, to keep focus and scroll position. */
export function keyed(container, rows, keyOf, build) {
  const known = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const wanted = rows.map((row) => {
    const key = keyOf(row);
    const content = JSON.stringify(row);
    const old = known.get(key);
    if (old && old.dataset.content === content) return old;
    const element = build(row);
    element.dataset.key = key;
    element.dataset.content = content;
    return element;
  });
  const same = wanted.length === container.children.length && wanted.every((one, i) => one === container.children[i]);
  if (!same) container.replaceChildren(...wanted);
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

/** Sends a request to the control API; shows a refusal and gives null then. */
export async function ask(method, path, body) {
  const response = await fetch(`/sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer = text === '' ? {} : JSON.parse(text);
  if (response.ok) return answer;
  toast(answer.error ?? answer.message ?? `The sandbox answered ${response.status}.`);
  return null;
}
