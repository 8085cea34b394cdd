/** The result of a run, for people. */
import type { Case } from './ledger.js';
import { stages, type Stage } from './stages.js';
import type { Struck } from './strikes.js';
import type { Verdict } from './verdict.js';

export interface Result {
  seed: number;
  seconds: number;
  verdict: Verdict;
  struck: Struck[];
  /** Spells of what Twilio and Tableau got wrong, by kind. */
  troubles: Record<string, number>;
  /** By how many milliseconds the next step came after its time when the whole machine was away in the middle of the wait. */
  restarts: number[];
  /** The incidents whose first page came latest. */
  slowest: Result['guilty'];
  guilty: Pick<Case, 'name' | 'id' | 'plan' | 'state' | 'story' | 'timeline' | 'pages'>[];
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1_000).toFixed(1)} s`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

export function reportOf({ seed, seconds: took, verdict, struck, troubles, restarts, guilty }: Result): string {
  const { accepted, refused, ended, answers, after, doubles, firstPage } = verdict;
  const kills = struck.filter(({ way }) => way === 'kill');
  const freezes = struck.filter(({ way }) => way === 'freeze');
  const total = kills.reduce((sum, { programs }) => sum + programs, 0);
  const ends = Object.entries(ended).map(([state, count]) => `${count} ${state}`);
  const rows: [string, string | number][] = [
    ['incidents accepted (refused)', `${accepted} (${refused})`],
    ['ended', ends.join(', ')],
    ['answers accepted', answers],
    ['processes killed', total],
    ['freezes', freezes.length],
    ['spells of trouble at Twilio and Tableau', Object.values(troubles).reduce((sum, count) => sum + count, 0)],
    ['**lost**', verdict.lost],
    ['**answers lost**', verdict.answersLost],
    ['pages after an answer or a recovery (latest)', `${after.pages} (${seconds(after.latest)})`],
    ['**pages later than 2 s after it**', after.beyond],
    ['of those in flight at Twilio', after.inFlight],
    ['**doubles that could be known**', doubles.known],
    ['doubles that could not', `${doubles.unknowable} (pages among all doubles: ${doubles.pages})`],
    ['first page: median, 95 %, slowest', [firstPage.median, firstPage.p95, firstPage.slowest].map(seconds).join(', ')],
    [
      'next step after a restart of the whole machine',
      restarts.map((late) => `+${seconds(late)}`).join(', ') || 'not tried',
    ],
    ['seed', seed],
    ['took', `${Math.round(took)} s`],
  ];
  return [
    row(['what', 'how many']),
    row(['---', '---']),
    ...rows.map(row),
    '',
    ...matrix(struck),
    '',
    row(['trouble', 'spells']),
    row(['---', '---']),
    ...Object.entries(troubles).map(row),
    ...guilty.flatMap(storyOf),
    ...verdict.findings.map(({ promise, name, why }) => `BROKEN ${promise}: ${name}: ${why}`),
  ].join('\n');
}

/** Kills by process and stage, and freezes after a +. */
function matrix(struck: readonly Struck[]): string[] {
  const targets = [...new Set(struck.map(({ target }) => target))].toSorted();
  const columns: (Stage | null)[] = [...(Object.keys(stages) as Stage[]), null];
  const cell = (target: string, stage: Stage | null): string => {
    const here = struck.filter((one) => one.target === target && one.stage === stage);
    const frozen = here.filter(({ way }) => way === 'freeze').length;
    return `${here.length - frozen || ''}${frozen > 0 ? `+${frozen}` : ''}`;
  };
  return [
    row(['killed (+ frozen)', ...columns.map((stage) => (stage === null ? 'at any moment' : stages[stage]))]),
    row(['---', ...columns.map(() => '---')]),
    ...targets.map((target) => row([target, ...columns.map((stage) => cell(target, stage))])),
  ];
}

const storyOf = ({ name, plan, state, story, timeline }: Result['guilty'][number]): string[] => [
  '',
  `${name}: ${plan.how} on ${plan.rung}; it is ${state}`,
  ...story.map((line) => `  ${line}`),
  ...timeline.map(({ at, type, text }) => `  ${at} ${type}: ${text}`),
];
