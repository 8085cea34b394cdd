/** The result of a run, for people. */
import type { Case } from './ledger.js';
import { stages, type Stage } from './stages.js';
import type { InjectedFault } from './process-faults.js';
import type { Verdict } from './verdict.js';

export interface Result {
  seed: number;
  seconds: number;
  verdict: Verdict;
  /** Data sources that were labelled in Tableau. */
  labelled: number;
  processFaults: InjectedFault[];
  /** How often each kind of vendor fault was injected. */
  vendorFaults: Record<string, number>;
  /** Milliseconds by which the next step was late after each restart of the whole machine. */
  restarts: number[];
  /** The incidents whose first page came latest. */
  slowest: Result['broken'];
  broken: Pick<Case, 'name' | 'id' | 'plan' | 'state' | 'log' | 'timeline' | 'pages'>[];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

export function reportOf({
  seed,
  seconds: took,
  verdict,
  labelled,
  processFaults,
  vendorFaults,
  restarts,
  broken,
}: Result): string {
  const { accepted, refused, ended, answers, after, doubles, firstPage } = verdict;
  const kills = processFaults.filter(({ kind }) => kind === 'kill');
  const freezes = processFaults.filter(({ kind }) => kind === 'freeze');
  const total = kills.reduce((sum, { programs }) => sum + programs, 0);
  const ends = Object.entries(ended).map(([state, count]) => `${count} ${state}`);
  const rows: [string, string | number][] = [
    ['incidents accepted (refused)', `${accepted} (${refused})`],
    ['ended', ends.join(', ')],
    ['answers accepted', answers],
    ['processes killed', total],
    ['freezes', freezes.length],
    ['vendor faults (Twilio, Tableau)', Object.values(vendorFaults).reduce((sum, count) => sum + count, 0)],
    ['**lost**', verdict.lost],
    ['**answers lost**', verdict.answersLost],
    ['pages after an answer or a recovery (latest)', `${after.pages} (${seconds(after.latest)})`],
    ['**pages later than 2 s after it**', after.beyond],
    ['data sources labelled', labelled],
    [
      '**labels left, or of people changed**',
      verdict.findings.filter(({ promise }) => promise.startsWith('label')).length,
    ],
    ['of those in flight at Twilio', after.inFlight],
    ['**doubles that could be known**', doubles.known],
    ['doubles that could not', `${doubles.unknowable} (pages among all doubles: ${doubles.pages})`],
    ['first page: median, 95 %, slowest', [firstPage.median, firstPage.p95, firstPage.slowest].map(seconds).join(', ')],
    [
      'next step after a restart of the whole machine',
      restarts.map((delayMs) => `+${seconds(delayMs)}`).join(', ') || 'not tested',
    ],
    ['seed', seed],
    ['took', `${Math.round(took)} s`],
  ];
  return [
    row(['what', 'how many']),
    row(['---', '---']),
    ...rows.map(row),
    '',
    ...matrix(processFaults),
    '',
    row(['vendor fault', 'injected']),
    row(['---', '---']),
    ...Object.entries(vendorFaults).map(row),
    ...broken.flatMap(logOf),
    ...verdict.findings.map(({ promise, name, why }) => `BROKEN ${promise}: ${name}: ${why}`),
  ].join('\n');
}

/** Kills by process and stage; freezes follow a +. */
function matrix(processFaults: readonly InjectedFault[]): string[] {
  const targets = [...new Set(processFaults.map(({ target }) => target))].toSorted();
  const columns: (Stage | null)[] = [...(Object.keys(stages) as Stage[]), null];
  const cell = (target: string, stage: Stage | null): string => {
    const here = processFaults.filter((one) => one.target === target && one.stage === stage);
    const frozen = here.filter(({ kind }) => kind === 'freeze').length;
    return `${here.length - frozen || ''}${frozen > 0 ? `+${frozen}` : ''}`;
  };
  return [
    row(['killed (+ frozen)', ...columns.map((stage) => (stage === null ? 'at any moment' : stages[stage]))]),
    row(['---', ...columns.map(() => '---')]),
    ...targets.map((target) => row([target, ...columns.map((stage) => cell(target, stage))])),
  ];
}

const logOf = ({ name, plan, state, log, timeline }: Result['broken'][number]): string[] => [
  '',
  `${name}: ${plan.how} on ${plan.channel}; state ${state}`,
  ...log.map((line) => `  ${line}`),
  ...timeline.map(({ at, type, text }) => `  ${at} ${type}: ${text}`),
];
