/** Looks at the freshness of the sandbox's Tableau by the activity, over HTTP, with a clock that the test sets ahead. */
import type { TestContext } from 'node:test';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { createFreshnessActivities } from '../../src/activities/check-freshness.js';
import { fixedEscalation } from '../../src/policy/escalation-source.js';
import type { FreshnessPromise } from '../../src/policy/freshness/promise.js';
import { readEscalation } from '../../src/policy/load.js';
import { createTableauClient, type TableauConfig } from '../../src/tableau/rest/client.js';
import { hour } from '../../src/workflows/contract.js';
import type { CheckInput, FreshnessCheck, Late } from '../../src/workflows/freshness-contract.js';
import { createSandbox, type SandboxOptions } from '../../sandbox/sandbox.js';
import type { NewItem } from '../../sandbox/tableau/items.js';
import type { Item } from '../../sandbox/tableau/world.js';
import { addItem } from '../helpers/tableau-items.js';
import { maxAge } from '../policy/freshness/sites.js';
import { pat } from '../tableau/outside.js';

const file = `
contacts: { ana: { phone: "+15550100001" }, lead: { phone: "+15550100002" } }
policies: { default: { steps: [{ page: [ana], by: sms, wait: 5m }] } }
operators: [lead]
`;
export const publicUrl = 'https://alerts.example.com';

export interface LookedSiteOptions {
  promises?: FreshnessPromise[];
  world?: Partial<SandboxOptions>;
  config?: Partial<TableauConfig>;
}

/** Items are promised to have data of the last hour, unless the options say otherwise. */
export async function lookedSite(t: TestContext, { promises = [maxAge(1)], world, config }: LookedSiteOptions = {}) {
  const sandbox = createSandbox({ accountSid: `AC${'0'.repeat(32)}`, authToken: 't', pat, ...world });
  const domain = await sandbox.listen();
  t.after(() => sandbox.close());
  sandbox.subscribe(`${publicUrl}/notifier/secret`, ['WorkbookRefreshFailed', 'DatasourceRefreshFailed']);
  const usual: TableauConfig = {
    domain,
    siteName: '',
    apiVersion: '3.25',
    sessionMinutes: 110,
    signIn: { kind: 'pat', ...pat },
  };
  const logged: string[] = [];
  const logger = pino({ base: null, level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const tableau = createTableauClient({ ...usual, ...config }, { logger });
  const begun = Date.now();
  let now = begun;
  let memory: string | null = null;
  const activities = createFreshnessActivities({
    escalation: fixedEscalation({ ...readEscalation('file', file), freshness: promises }),
    tableau,
    publicUrl,
    logger,
    clock: () => now,
  });

  /** So many hours after the beginning. */
  async function look(hours: number): Promise<FreshnessCheck> {
    now = begun + hours * hour;
    const environment = new MockActivityEnvironment();
    const check: FreshnessCheck = await environment.run((input: CheckInput) => activities.checkFreshness(input), {
      memory,
    });
    ({ memory } = check);
    return check;
  }

  /** With a daily schedule of Server, whose next run is in an hour, and data of now. */
  function add(name: string, more: Partial<NewItem> = {}, { hasData = true } = {}): Item {
    const schedule = { kind: 'server', nextRunAt: begun + hour, everyMs: 24 * hour } as const;
    const item = addItem(sandbox, { kind: 'workbook', name, project: 'Finance', schedule, ...more });
    if (hasData) void sandbox.panel.recover(item, { createdAt: begun });
    return item;
  }

  /** The planned run of an item does not begin, and Tableau shows the one after it. */
  const missRun = (item: Item): void => {
    sandbox.panel.set(item, { schedule: { kind: 'server', nextRunAt: begun + 25 * hour, everyMs: 24 * hour } });
  };

  return { sandbox, look, add, missRun, logged, begun, at: (hours: number) => begun + hours * hour };
}
export type LookedSite = Awaited<ReturnType<typeof lookedSite>>;

export const lateOf = ({ found }: FreshnessCheck): Late[] => found?.late ?? [];
export const stateOf = (check: FreshnessCheck, name: string): string | undefined =>
  lateOf(check).find(({ item }) => item.name === name)?.state;
export const whyOf = (check: FreshnessCheck, name: string): string =>
  lateOf(check).find(({ item }) => item.name === name)?.why ?? '';
