import { createHash } from 'node:crypto';

/** A problem that an operator must fix. Codes are stable; no field names an item or a person. */
export interface Alarm {
  /**
   * `incidents-unacknowledged`, `temporal-unavailable`, `no-workers`, `workers-not-begun`, `pager-unreachable`, `labels-refused`, `escalation-file`,
   * `calendar-unreadable`, or a code of the pagers (`twilio-20003`, `hourly-limit`).
   */
  code: string;
  message: string;
  /** ISO 8601, UTC. */
  since?: string;
  /** How many contacts it concerns. */
  contacts?: number;
}

export interface Home {
  name: string;
  version: string;
  alarms: Alarm[];
  /** Name → absolute address. */
  links: Record<string, string>;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');

const style = `
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5b6b7c; --paper: #f5f7fa; --card: #fff; --line: #dde4ec; --go: #1a7f4b; --stop: #b3261e; --link: #0b62c4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #9fb0c2; --paper: #12181f; --card: #1a222c; --line: #2c3743; --go: #5fd39a; --stop: #ff8a80; --link: #7db7ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; line-height: 1.2; }
p { margin: 0 0 1rem; } .lead { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.25rem; margin: 1.25rem 0; }
h2 { margin: 0 0 .5rem; font-size: 1rem; color: var(--soft); font-weight: 600; }
ul { list-style: none; margin: 0; padding: 0; } li { padding: .35rem 0; overflow-wrap: anywhere; }
.ok { color: var(--go); font-weight: 600; } .alarm { color: var(--stop); font-weight: 600; } small { color: var(--soft); font-weight: 400; }
code { color: var(--soft); font-size: .875em; font-weight: 400; } a { color: var(--link); }
footer { color: var(--soft); font-size: .875rem; }`;

/** The style of the page, by its hash, for a content security policy. */
export const styleSource = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

function aside({ since, contacts }: Pick<Alarm, 'since' | 'contacts'>): string {
  const parts = [
    since === undefined ? '' : `since ${since.slice(0, 16).replace('T', ' ')} UTC`,
    contacts === undefined ? '' : contacts === 1 ? '1 contact' : `${contacts} contacts`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `<br><small>${escaped(parts.join(', '))}</small>`;
}

/** The page at `/`, whole in itself and readable on a phone. */
export function homePage({ name, version, alarms, links }: Home): string {
  const alarmItems = alarms.map(
    ({ code, message, ...more }) =>
      `<li class="alarm" role="alert">${escaped(message)} <code>${escaped(code)}</code>${aside(more)}</li>`,
  );
  const linkItems = Object.entries(links).map(
    ([what, url]) => `<li><a href="${escaped(url)}">${escaped(what)}</a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escaped(name)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escaped(name)}</h1>
<p class="lead">A Tableau refresh fails: people are paged on the phone, step by step, until somebody takes it.</p>
<section aria-labelledby="alarms">
<h2 id="alarms">Alarms</h2>
<ul>${alarmItems.join('') || '<li class="ok">None. All is well.</li>'}</ul>
</section>
<section aria-labelledby="links">
<h2 id="links">Where to look</h2>
<ul>${linkItems.join('')}</ul>
</section>
<footer>Version ${escaped(version)}. The list of incidents requires the API token.</footer>
</main>
</body>
</html>
`;
}
