/** The last refreshes of an item as a strip, and what else only Tableau knows of it. */
import type { ItemBackground, RefreshRun } from '../../workflows/background-contract.js';
import { html, type Html } from './html.js';
import { named } from './incident-parts.js';
import { shortTime, span, timeElement, type Clock } from './times.js';
import type { Known } from '../incidents/item-background.js';

const slot = 10;
const height = 48;
const least = 6;

/** The longest run is as high as the strip. One of which nothing but its end is known is half as high. */
function barHeight({ ms }: RefreshRun, longest: number): number {
  if (ms === null || longest === 0) return height / 2;
  return Math.round(least + ((height - least) * ms) / longest);
}

const results: Readonly<Record<RefreshRun['result'], string>> = {
  ok: 'worked',
  failed: 'failed',
  cancelled: 'was cancelled',
};

function bar(run: RefreshRun, index: number, longest: number, clock: Clock): Html {
  const tall = barHeight(run, longest);
  const took = run.ms === null ? '' : ` after ${span(run.ms)}`;
  return html`<rect
    class="bar ${run.result}"
    x="${index * slot + 1}"
    y="${height - tall}"
    width="${slot - 2}"
    height="${tall}"
  >
    <title>${shortTime(run.endedAt, clock)}: ${results[run.result]}${took}</title>
  </rect>`;
}

/** `27 of the last 30 worked, 3 failed; usually 4 min.` */
export function runsText(runs: readonly RefreshRun[], isMissing: boolean): string {
  const count = (result: RefreshRun['result']): number => runs.filter((run) => run.result === result).length;
  const [ok, failed, cancelled] = [count('ok'), count('failed'), count('cancelled')];
  const times = runs
    .flatMap(({ ms, result }) => (ms === null || result !== 'ok' ? [] : [ms]))
    .toSorted((a, b) => a - b);
  const usual = times[Math.floor(times.length / 2)];
  const [only] = runs;
  if (only && runs.length === 1 && !isMissing) return `The only one that Tableau tells of ${results[only.result]}.`;
  const parts = [
    `${ok} of the last ${runs.length} worked`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(isMissing ? ['one is missing'] : []),
  ];
  return `${parts.join(', ')}${usual === undefined ? '' : `; usually ${span(usual)}`}.`;
}

/** @param isMissing a refresh that should have run by now has not */
function strip(runs: readonly RefreshRun[], isMissing: boolean, clock: Clock): Html {
  const longest = Math.max(0, ...runs.map(({ ms }) => ms ?? 0));
  const slots = runs.length + (isMissing ? 1 : 0);
  const [first] = runs;
  return html`<svg
      class="strip"
      viewBox="0 0 ${Math.max(slots, 30) * slot} ${height}"
      preserveAspectRatio="xMinYMax meet"
      role="img"
      aria-label="${runsText(runs, isMissing)}"
    >
      ${runs.map((run, index) => bar(run, index, longest, clock))}
      ${
        isMissing &&
        html`<rect class="bar missing" x="${runs.length * slot + 1}" y="1" width="${slot - 2}" height="${height - 2}">
          <title>missing</title>
        </rect>`
      }
    </svg>
    <p>
      ${runsText(runs, isMissing)}
      ${
        first !== undefined &&
        html`<small
          >The height is how long each ran; the oldest is of ${timeElement(first.endedAt, clock)}. Tableau lists
          refreshes by name: those of another item of the same name are among them.</small
        >`
      }
    </p>`;
}

/** @param known undefined while it is being read, null where it is not known now */
export function background(known: Known, { isMissing, clock }: { isMissing: boolean; clock: Clock }): Html {
  return html`<section class="card" id="refreshes">
    <h2>The last refreshes</h2>
    ${contentOf(known, isMissing, clock)}
  </section>`;
}

function contentOf(known: Known, isMissing: boolean, clock: Clock): Html {
  if (known === undefined) return html`<p class="soft">Asking Tableau …</p>`;
  if (known === null) return html`<p class="soft">Not known now.</p>`;
  const { runs, owner, dependants } = known;
  return html`${runs === null || runs.length === 0 ? html`<p class="soft">Tableau tells of none now.</p>` : strip(runs, isMissing, clock)}
  ${people({ owner, dependants })}`;
}

function people({ owner, dependants }: Pick<ItemBackground, 'owner' | 'dependants'>): Html | null {
  if (owner === null && !dependants?.length) return null;
  return html`<dl class="facts">
    ${
      owner !== null &&
      html`<dt>Owner</dt>
        <dd>${named(owner)}</dd>`
    }
    ${
      dependants !== null &&
      dependants.length > 0 &&
      html`<dt>Built on it</dt>
        <dd>${dependants.map((name, index) => html`${index > 0 && ', '}${named(name)}`)}</dd>`
    }
  </dl>`;
}
