/** Assembles the simulated Tableau. */
import type { FastifyPluginCallback } from 'fastify';
import { createDeliverer, type Delivery, type Payload } from './delivery.js';
import { createEmit } from './events.js';
import { metadataRoutes } from './graphql.js';
import { createLabels, type Labels } from './labels.js';
import { createFlows, createItems, type NewFlow, type NewItem } from './items.js';
import { createReads } from './reads.js';
import { createRefreshes, type Refreshes } from './refreshes.js';
import { tableauRoutes } from './routes.js';
import { createSubscriptions, type Subscriptions } from './subscriptions.js';
import { createSchedules, type Schedules } from './schedules.js';
import { createSessions } from './sessions.js';
import { createWebhooks, type Webhooks } from './webhooks.js';
import { createState, type Flow, type Item, type Ports, type TableauOptions, type TableauState } from './world.js';

export interface Tableau {
  state: TableauState;
  routes: FastifyPluginCallback;
  /** The Metadata API. */
  metadata: FastifyPluginCallback;
  addItem: (item: NewItem) => Item;
  addFlow: (flow: NewFlow) => Flow;
  schedules: Schedules;
  refreshes: Refreshes;
  webhooks: Webhooks;
  labels: Labels;
  subscriptions: Subscriptions;
  /** Delivers any payload to the webhooks of its event. */
  deliver: (payload: Payload) => Promise<Delivery[]>;
  /** The target of a request, for faults and the request log. */
  describe: (path: string) => { target: string };
  /** Deletes jobs and labels, and makes every item and flow healthy; sessions, items, flows, schedules and webhooks stay. */
  reset: () => void;
}

const describe: Tableau['describe'] = (path) => {
  const [, , , first, second, third, , last] = path.split('/');
  if (first === 'auth') return { target: `tableau.${second ?? 'auth'}` };
  if (first !== 'sites') return { target: `tableau.${first ?? 'unknown'}` };
  if (last === 'refresh') return { target: 'tableau.refresh' };
  if (third === 'workbooks' || third === 'datasources') return { target: `tableau.items.${third}` };
  return { target: `tableau.${third ?? 'unknown'}` };
};

export const createTableau = (options: TableauOptions, ports: Ports): Tableau => {
  const state = createState();
  const deliverer = createDeliverer(state, ports);
  const refreshes = createRefreshes(state, ports, createEmit(options, ports, deliverer));
  const schedules = createSchedules(state, ports, refreshes.runDue);
  const webhooks = createWebhooks(state, ports, deliverer);
  const sessions = createSessions(options, state, ports);
  const labels = createLabels(state, ports);
  const subscriptions = createSubscriptions(state);
  const reads = createReads(options, state, ports, refreshes);
  return {
    state,
    addItem: createItems(state, ports, schedules),
    addFlow: createFlows(state, ports, schedules),
    schedules,
    refreshes,
    webhooks,
    labels,
    subscriptions,
    deliver: deliverer.deliver,
    describe,
    metadata: metadataRoutes(state, ports, sessions),
    routes: tableauRoutes({ options, sessions, reads, webhooks, labels, subscriptions }),
    reset: () => {
      state.jobs.clear();
      labels.clear();
      for (const item of [...state.items.values(), ...state.flows.values()]) {
        item.condition = 'healthy';
        item.failedCount = 0;
        item.isTaskSuspended = item.skipsRuns = false;
      }
      schedules.restart();
    },
  };
};
