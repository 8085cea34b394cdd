/** What `policy check` prints. */
import type { Escalation } from '../../policy/route.js';
import { placed, type Finding } from '../../policy/source.js';

/** As `--json` prints it. */
export interface Graded extends Finding {
  level: 'error' | 'warning';
}

const width = 80;

/** A paragraph for each finding, and a line that sums them up. */
export function reportOf(file: string, findings: readonly Graded[], escalation: Escalation | null): string {
  const paragraphs = findings.map(({ level, ...finding }) =>
    wrapped(placed(file, level === 'error' ? finding : { ...finding, text: `warning: ${finding.text}` })),
  );
  return `${[...paragraphs, summaryOf(findings, escalation)].join('\n')}\n`;
}

/** In lines of 80 columns; the second and later ones are indented. A longer word has a line to itself. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(last === undefined ? word : `    ${word}`);
  }
  return lines.join('\n');
}

function summaryOf(findings: readonly Graded[], escalation: Escalation | null): string {
  const count = (level: Graded['level']): number => findings.filter((finding) => finding.level === level).length;
  const counts = [
    ...(count('error') > 0 ? [counted(count('error'), 'problem')] : []),
    ...(count('warning') > 0 ? [counted(count('warning'), 'warning')] : []),
  ];
  if (counts.length > 0 || escalation === null) return counts.join(', ');
  const { contacts, schedules = {}, policies, routes, freshness = [], flows } = escalation;
  const parts = [
    counted(Object.keys(contacts).length, 'contact'),
    counted(Object.keys(schedules).length, 'schedule'),
    counted(Object.keys(policies).length, 'policy', 'policies'),
    counted(routes.length, 'route'),
    ...(freshness.length > 0 ? [counted(freshness.length, 'freshness promise')] : []),
    ...(flows ? ['flows'] : []),
  ];
  return `ok: ${parts.join(', ')}`;
}

const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
