/** The Tableau panel: makes items fail, recover and disappear. */
import { applyChange, type Change } from './tableau/changes.js';
import type { Delivery, Payload } from './tableau/delivery.js';
import { resourceWord } from './tableau/event-names.js';
import { isTableauError } from './tableau/errors.js';
import type { NewItem } from './tableau/items.js';
import type { Tableau } from './tableau/tableau.js';
import { tableauTime, type Condition, type Item, type Job, type Kind, type Schedule } from './tableau/world.js';

export interface PanelItem {
  luid: string;
  kind: Kind;
  name: string;
  project: string;
  owner: string | null;
  /** The number in its webpageUrl. */
  number: number;
  condition: Condition;
  /** Of its newest job. */
  lastJob: { luid: string; status: Job['status']; at: number } | null;
  schedule: Schedule | null;
}

export interface ItemChange extends Change {
  /** When it was published anew; null: never. */
  publishedAt?: number | null;
}

export interface Happened {
  event: Payload;
  /** With `wait`: the outcome of the deliveries. Empty without it, or after 10 s. */
  deliveries: Delivery[];
}

export interface Failing {
  /** The cause, written to the notes of the job. */
  notes?: string;
  /** `created_at` of the event, ISO 8601 or milliseconds; default now. */
  createdAt?: string | number;
  /** Whether the next refresh fails (`broken`, the default) or succeeds (`flaky`). */
  condition?: Condition;
  /** The refresh adds new rows. */
  incremental?: boolean;
  wait?: boolean;
}

export interface Panel {
  list: () => PanelItem[];
  add: (item: NewItem) => PanelItem;
  find: (luid: string) => Item | null;
  set: (item: Item, change: ItemChange) => PanelItem;
  fail: (item: Item, how?: Failing) => Promise<Happened>;
  recover: (item: Item, how?: Pick<Failing, 'createdAt' | 'incremental' | 'wait'>) => Promise<Happened>;
  /** That many items fail at once; what is missing is added. */
  storm: (items: number, how?: Pick<Failing, 'notes'>) => Promise<{ items: number }>;
  /** Everything that is broken recovers. */
  calm: () => Promise<{ items: number }>;
  /** Runs the refresh as a user in Tableau would; a text is the reason why it cannot. */
  rerun: (item: Item) => { job: string } | string;
  remove: (item: Item, how?: Pick<Failing, 'wait'>) => Promise<Happened>;
  /** Delivers any event, also of a type that Tableau does not have. */
  event: (
    event: Partial<Payload> & Pick<Payload, 'event_type' | 'resource_luid'>,
    how?: Pick<Failing, 'wait'>,
  ) => Promise<Happened>;
}

const maxWaitMs = 10_000;

const within = async (deliveries: Promise<Delivery[]>, wait: boolean | undefined): Promise<Delivery[]> => {
  if (wait !== true) return [];
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Delivery[]>((resolve) => {
    timer = setTimeout(() => resolve([]), maxWaitMs);
  });
  const settled = await Promise.race([deliveries, timeout]);
  clearTimeout(timer);
  return settled;
};

export const time = (value: string | number): number => (typeof value === 'number' ? value : Date.parse(value));
const at = (createdAt: string | number | undefined): { createdAt?: number } =>
  createdAt === undefined ? {} : { createdAt: time(createdAt) };

export const createPanel = ({ state, addItem, refreshes, schedules, deliver }: Tableau, siteLuid: string): Panel => {
  const show = (item: Item): PanelItem => {
    const job = [...state.jobs.values()].findLast((one) => one.item === item);
    return {
      luid: item.luid,
      kind: item.kind,
      name: item.name,
      project: item.project.path,
      owner: item.owner?.fullName ?? null,
      number: item.number,
      condition: item.condition,
      schedule: item.schedule,
      lastJob: job ? { luid: job.luid, status: job.status, at: job.endedAt ?? job.startedAt ?? job.createdAt } : null,
    };
  };

  const add: Panel['add'] = (item) => show(addItem(item));
  const fail: Panel['fail'] = async (item, { notes, createdAt, condition, incremental, wait } = {}) => {
    const { event, deliveries } = refreshes.ended(item, 'Failed', {
      ...(notes === undefined ? {} : { notes }),
      ...(condition === undefined ? {} : { condition }),
      ...(incremental === undefined ? {} : { incremental }),
      ...at(createdAt),
    });
    return { event, deliveries: await within(deliveries, wait) };
  };
  const recover: Panel['recover'] = async (item, { createdAt, incremental, wait } = {}) => {
    const how = { ...at(createdAt), ...(incremental === undefined ? {} : { incremental }) };
    const { event, deliveries } = refreshes.ended(item, 'Success', how);
    return { event, deliveries: await within(deliveries, wait) };
  };

  return {
    list: () => [...state.items.values()].map((item) => show(item)),
    add,
    find: (luid) => state.items.get(luid) ?? null,
    set: (item, { publishedAt, ...change }) => {
      if (publishedAt !== undefined) item.publishedAt = publishedAt;
      applyChange(schedules, item, change);
      return show(item);
    },
    fail,
    recover,
    storm: async (count, how) => {
      for (let number = 1; state.items.size < count; number += 1)
        add({ kind: 'workbook', name: `Region ${String(number).padStart(2, '0')}`, project: 'Regions' });
      const failing = [...state.items.values()].slice(0, count);
      await Promise.all(failing.map((item) => fail(item, how)));
      return { items: failing.length };
    },
    calm: async () => {
      const broken = [...state.items.values()].filter(({ condition }) => condition !== 'healthy');
      await Promise.all(broken.map((item) => recover(item)));
      return { items: broken.length };
    },
    rerun: (item) => {
      const job = refreshes.start(item);
      return isTableauError(job) ? job.detail : { job: job.luid };
    },
    remove: async (item, { wait } = {}) => {
      const { event, deliveries } = refreshes.remove(item);
      return { event, deliveries: await within(deliveries, wait) };
    },
    event: async (given, { wait } = {}) => {
      const event: Payload = {
        resource: resourceWord(given.event_type),
        resource_name: state.items.get(given.resource_luid)?.name ?? 'Something',
        site_luid: siteLuid,
        created_at: tableauTime(Date.now()),
        ...given,
      };
      return { event, deliveries: await within(deliver(event), wait) };
    },
  };
};
