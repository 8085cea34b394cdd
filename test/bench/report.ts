import { readFile } from 'node:fs/promises';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { binaries } from '../../src/temporal/binaries.js';
import { isMet, ratioOf, round, type Aim, type Row } from './figures.js';

const number = (value: number): string => (Math.abs(value) >= 100 ? String(Math.round(value)) : String(round(value)));

function aimText(aim: Aim | undefined): string {
  if (!aim) return '';
  const sign = 'most' in aim ? '≤' : '≥';
  return `${sign} ${'most' in aim ? aim.most : aim.least}${aim.what === 'ratio' ? '×' : ''}`;
}

function cellsOf(row: Row): string[] {
  const { measure, value, unit, floor, aim } = row;
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    measure,
    value === null ? '–' : `${number(value)} ${unit}`,
    floor === undefined || floor === null ? '' : `${number(floor)} ${unit}`,
    ratio === null ? '' : `${ratio.toFixed(2)}×`,
    aimText(aim),
    met === null ? '' : met ? 'yes' : '**no**',
  ];
}

/** A Markdown table, formatted as by prettier. */
export function markdownOf(rows: readonly Row[]): string {
  const cells = [['measure', 'value', 'floor', 'ratio', 'aim', 'met?'], ...rows.map((row) => cellsOf(row))];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body.map(line)].join('\n');
}

/** The machine and the versions of the run. */
export async function describeRun(quick: boolean) {
  const manifest: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const dependencies = manifest as { dependencies: Record<string, string>; version: string };
  const processors = cpus();
  const facts = {
    date: new Date().toISOString(),
    quick,
    machine: {
      cores: processors.length,
      model: processors[0]?.model ?? 'unknown',
      memoryGiB: round(totalmem() / 2 ** 30),
      os: `${platform()} ${release()} ${arch()}`,
      loadAverage: loadavg().map((load) => round(load)),
    },
    versions: {
      product: dependencies.version,
      node: process.version,
      temporalSdk: dependencies.dependencies['@temporalio/client'],
      temporalCli: binaries.temporal.version,
    },
  };
  const { machine, versions } = facts;
  const text =
    `${facts.date}, ${machine.cores} cores (${machine.model}), ${machine.memoryGiB} GiB, ${machine.os}, ` +
    `load ${machine.loadAverage.join(' ')}, Node ${versions.node}, SDK ${versions.temporalSdk}, ` +
    `Temporal CLI ${versions.temporalCli}${quick ? ', --quick' : ''}`;
  return { facts, text };
}
