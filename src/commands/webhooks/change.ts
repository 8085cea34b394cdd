import type { TableauAdmin } from '../../tableau/rest/admin.js';
import { isRefused } from '../../tableau/rest/errors.js';
import { askConfirmation, type AdminSession } from '../tableau-session.js';
import { addressAt, type Change, type Place, type Plan } from './plan.js';
import { counted, changeTable } from './report.js';

interface Outcome {
  do: Change['do'];
  event: string;
  name: string;
  id?: string;
  why: string;
  done: boolean;
  problem?: string;
}

/**
 * Prints the changes of a plan, and makes them with `yes` or when the person at the terminal confirms.
 *
 * @returns the exit code: 1 when something could not be changed
 */
export async function carryOut(session: AdminSession, plan: Plan, place: Place, yes: boolean): Promise<number> {
  const { print, printJson, json } = session;
  const { changes, kept, notes } = plan;
  const many = counted(changes.length, 'change');
  if (changes.length > 0) print(changeTable(changes));
  if (kept.length > 0) print(`  ${counted(kept.length, 'webhook')} as wanted.`);
  for (const note of notes) print(`  Note: ${note}`);

  const agreed = changes.length > 0 && (yes || (!json && (await askConfirmation(`Make ${many}?`)) === true));
  const outcomes = agreed ? await apply(session.admin, changes, place) : changes.map((change) => outcomeOf(change));
  printJson({ applied: agreed, changes: outcomes, kept: kept.length, notes });
  if (changes.length === 0) print('There is nothing to change.');
  else if (!agreed) print(`Nothing was changed. --yes makes ${many}.`);
  else for (const outcome of outcomes) print(lineOf(outcome));
  return agreed && outcomes.some(({ done }) => !done) ? 1 : 0;
}

/** Deletions come last, so that no event is without a webhook in between. */
async function apply(admin: TableauAdmin, changes: readonly Change[], place: Place): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let unavailable: string | undefined;
  const last = (change: Change) => Number(change.do === 'delete');
  for (const change of changes.toSorted((a, b) => last(a) - last(b))) {
    if (unavailable !== undefined) {
      outcomes.push(outcomeOf(change, `It was not tried. ${unavailable}`));
      continue;
    }
    try {
      await make(admin, change, addressAt(place));
      outcomes.push({ ...outcomeOf(change), done: true });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      outcomes.push(outcomeOf(change, problem));
      if (!isRefused(error)) unavailable = problem;
    }
  }
  return outcomes;
}

async function make(admin: TableauAdmin, change: Change, url: string): Promise<void> {
  switch (change.do) {
    case 'create':
      return admin.create({ name: change.name, event: change.event, url });
    case 'update':
      if (!change.instead) return admin.update(change.webhook, url);
      await admin.create({ name: change.webhook.name, event: change.event, url });
      return admin.remove(change.webhook);
    case 'delete':
      return admin.remove(change.webhook);
  }
}

const outcomeOf = (change: Change, problem?: string): Outcome => ({
  do: change.do,
  event: change.event,
  ...(change.do === 'create' ? { name: change.name } : { name: change.webhook.name, id: change.webhook.id }),
  why: change.why,
  done: false,
  ...(problem !== undefined && { problem }),
});

const past: Record<Change['do'], string> = { create: 'created', update: 'updated', delete: 'deleted' };
const lineOf = ({ do: what, event, done, problem }: Outcome): string =>
  done ? `  ${past[what]}  ${event}` : `  could not ${what} ${event}: ${problem}`;
