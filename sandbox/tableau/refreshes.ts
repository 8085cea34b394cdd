/** Items, their extract refresh jobs, and the events that these cause. */
import { randomUUID } from 'node:crypto';
import { tableauError, type TableauError } from './errors.js';
import type { Deliverer, Delivery, Payload } from './delivery.js';
import { resourceWord } from './event-names.js';
import {
  tableauTime,
  type Condition,
  type Item,
  type Job,
  type Kind,
  type Ports,
  type Project,
  type TableauOptions,
  type TableauState,
  type User,
} from './world.js';

export interface NewItem {
  kind: Kind;
  name: string;
  project?: string;
  /** Null: none, as for some data sources. */
  owner?: string | null;
  luid?: string;
  hasExtracts?: boolean;
  tags?: string[];
  /** How many workbooks a data source feeds. */
  downstream?: number;
}

export interface EmittedEvent {
  event: Payload;
  deliveries: Promise<Delivery[]>;
}

export interface Refreshes {
  addItem: (item: NewItem) => Item;
  /** A scheduled refresh fails or succeeds now, or at `createdAt`. */
  ended: (
    item: Item,
    result: 'Failed' | 'Success',
    options?: { notes?: string; createdAt?: number; condition?: Condition },
  ) => EmittedEvent;
  /** Runs the refresh now, as by a user or the REST API. */
  start: (item: Item) => Job | TableauError;
  cancel: (job: Job) => void;
  remove: (item: Item) => EmittedEvent;
  emit: (event: string, item: Item, at?: number) => EmittedEvent;
}

const defaultNotes =
  'Error: Unable to connect to the server "db.example.com". Check that the server is running and that you have access privileges to the requested database.';

const duplicate = tableauError(
  '409093',
  'Resource Conflict',
  "Job for 'extract' is already queued. Not queuing a duplicate.",
);
const noExtract = tableauError('409090', 'Resource Conflict', 'Extract refresh is not allowed: there is no extract.');

export const findUser = (state: TableauState, name: string): User => {
  const known = [...state.users.values()].find((user) => user.name === name || user.fullName === name);
  if (known) return known;
  const login = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.');
  const user = { luid: randomUUID(), name: login, fullName: name, email: `${login}@example.com` };
  state.users.set(user.luid, user);
  return user;
};

/** `Finance/Daily` is Daily inside Finance. */
const findProject = (state: TableauState, path: string): Project => {
  const known = state.projects.get(path);
  if (known) return known;
  const cut = path.lastIndexOf('/');
  const parent = cut === -1 ? null : findProject(state, path.slice(0, cut));
  const project = { luid: randomUUID(), name: path.slice(cut + 1), path, parent };
  state.projects.set(path, project);
  return project;
};

export const createRefreshes = (
  options: TableauOptions,
  state: TableauState,
  ports: Ports,
  deliverer: Deliverer,
): Refreshes => {
  let numbers = 265_600;

  const emit: Refreshes['emit'] = (event, item, at) => {
    const second = at ?? Math.max(Date.now(), item.lastEventAt + 1000);
    item.lastEventAt = Math.floor(second / 1000) * 1000;
    const payload: Payload = {
      resource: resourceWord(event, item.kind.toUpperCase()),
      event_type: event,
      resource_name: item.name,
      site_luid: options.site.luid,
      resource_luid: item.luid,
      created_at: tableauTime(item.lastEventAt),
    };
    ports.changed();
    return { event: payload, deliveries: deliverer.deliver(payload) };
  };

  const eventOf = (item: Item, verb: string): string => (item.kind === 'workbook' ? 'Workbook' : 'Datasource') + verb;

  const finish = (job: Job, result: 'Failed' | 'Success', at?: number): EmittedEvent => {
    const { item } = job;
    const emitted = emit(eventOf(item, result === 'Failed' ? 'RefreshFailed' : 'RefreshSucceeded'), item, at);
    job.status = result;
    job.endedAt = item.lastEventAt;
    job.notes = result === 'Failed' ? item.notes : 'Finished refresh of extracts.';
    item.failedCount = result === 'Failed' ? item.failedCount + 1 : 0;
    if (result === 'Success') item.updatedAt = item.refreshedAt = item.lastEventAt;
    return emitted;
  };

  const newJob = (item: Item, createdAt: number): Job => {
    const job: Job = {
      luid: randomUUID(),
      item,
      status: 'Pending',
      createdAt,
      startedAt: null,
      endedAt: null,
      notes: '',
    };
    state.jobs.set(job.luid, job);
    return job;
  };

  const run = (job: Job): void => {
    if (job.status !== 'Pending') return;
    job.status = 'InProgress';
    job.startedAt = Date.now();
    void emit(eventOf(job.item, 'RefreshStarted'), job.item).deliveries;
    ports.later(ports.settings().refreshRunsMs, () => {
      if (job.status !== 'InProgress') return;
      const { item } = job;
      const fails = item.condition === 'broken';
      if (item.condition === 'flaky') item.condition = 'healthy';
      ports.log(`Tableau: the refresh of "${item.name}" ${fails ? 'failed' : 'succeeded'}`);
      void finish(job, fails ? 'Failed' : 'Success').deliveries;
    });
  };

  return {
    emit: emit,
    addItem: ({ kind, name, project = 'Default', owner = 'Ana Silva', ...more }) => {
      const { luid = randomUUID(), hasExtracts = true, tags = [], downstream = 0 } = more;
      numbers += 1;
      const now = Date.now();
      const item: Item = {
        luid,
        kind,
        name,
        number: numbers,
        project: findProject(state, project),
        owner: owner === null ? null : findUser(state, owner),
        createdAt: now,
        updatedAt: now,
        hasExtracts,
        condition: 'healthy',
        notes: defaultNotes,
        tags,
        downstream,
        refreshedAt: null,
        failedCount: 0,
        isSuspended: false,
        lastEventAt: 0,
      };
      state.items.set(luid, item);
      ports.changed();
      return item;
    },
    ended: (item, result, { notes, createdAt, condition } = {}) => {
      if (notes !== undefined) item.notes = notes;
      item.condition = condition ?? (result === 'Failed' ? 'broken' : 'healthy');
      const job = newJob(item, (createdAt ?? Date.now()) - 30_000);
      job.startedAt = job.createdAt + 1000;
      return finish(job, result, createdAt);
    },
    start: (item) => {
      if (!item.hasExtracts) return noExtract;
      const runs = [...state.jobs.values()].some(
        (job) => job.item === item && (job.status === 'Pending' || job.status === 'InProgress'),
      );
      if (runs) return duplicate;
      const job = newJob(item, Date.now());
      ports.log(`Tableau: a refresh of "${item.name}" is queued`);
      ports.changed();
      ports.later(ports.settings().refreshWaitsMs, () => run(job));
      return job;
    },
    cancel: (job) => {
      if (job.endedAt !== null) return;
      job.status = 'Cancelled';
      job.endedAt = Date.now();
      ports.changed();
    },
    remove: (item) => {
      state.items.delete(item.luid);
      return emit(eventOf(item, 'Deleted'), item);
    },
  };
};
