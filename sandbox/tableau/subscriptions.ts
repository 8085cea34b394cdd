/**
 * Subscriptions and data-driven alerts, which only state what is set up: when the last one was sent, or failed, is not in them.
 * https://help.tableau.com/current/api/rest_api/en-us/REST/rest_api_ref_subscriptions.htm
 */
import { randomUUID } from 'node:crypto';
import { findUser } from './items.js';
import { listOf, pageOf } from './resources.js';
import { tableauTime, type Item, type TableauState, type User } from './world.js';

type Json = Record<string, unknown>;

export interface Subscription {
  luid: string;
  subject: string;
  workbook: Item;
  user: User;
  isSuspended: boolean;
  /** Sent when the extract was refreshed, by no schedule of its own. */
  isRefreshTriggered: boolean;
  kind: 'server' | 'cloud';
}

export interface Alert {
  luid: string;
  subject: string;
  workbook: Item;
  owner: User;
  isSuspended: boolean;
  frequency: 'Once' | 'Frequently' | 'Hourly' | 'Daily' | 'Weekly';
  createdAt: number;
}

export interface NewSubscription {
  subject: string;
  user?: string;
  suspended?: boolean;
  refreshTriggered?: boolean;
  kind?: Subscription['kind'];
}

export interface NewAlert {
  subject: string;
  owner?: string;
  suspended?: boolean;
  frequency?: Alert['frequency'];
}

export interface Subscriptions {
  /** A subscription to a workbook; of Ana Silva unless given. */
  add: (workbook: Item, subscription: NewSubscription) => Subscription;
  /** An alert on the first view of a workbook; of Ana Silva unless given. */
  addAlert: (workbook: Item, alert: NewAlert) => Alert;
  list: (query: Record<string, string>) => Json;
  alerts: (query: Record<string, string>) => Json;
}

const named = ({ luid, name }: { luid: string; name: string }): Json => ({ id: luid, name });

const schedules: Record<Subscription['kind'], Json> = {
  server: { id: randomUUID(), name: 'Weekday mornings' },
  cloud: {
    frequency: 'Daily',
    nextRunAt: '2030-01-07T06:00:00Z',
    frequencyDetails: { start: '06:00:00', intervals: { interval: [{ weekDay: 'Monday' }] } },
  },
};

const subscriptionResource = (one: Subscription): Json => ({
  id: one.luid,
  subject: one.subject,
  message: '',
  attachImage: 'true',
  attachPdf: 'false',
  suspended: String(one.isSuspended),
  ...(one.isRefreshTriggered ? { refreshExtractTriggered: 'true' } : {}),
  content: { id: one.workbook.luid, type: 'Workbook', sendIfViewEmpty: 'true' },
  ...(one.isRefreshTriggered ? {} : { schedule: schedules[one.kind] }),
  user: named(one.user),
});

const alertResource = ({ luid, subject, frequency, createdAt, isSuspended, owner, workbook }: Alert): Json => ({
  id: luid,
  subject,
  frequency,
  public: 'false',
  creatorId: owner.luid,
  createdAt: tableauTime(createdAt),
  updatedAt: tableauTime(createdAt),
  suspended: String(isSuspended),
  owner: named(owner),
  view: {
    id: `view-${workbook.luid}`,
    name: `${workbook.name} 1`,
    workbook: named(workbook),
    project: named(workbook.project),
  },
  recipients: { recipient: [named(owner)] },
});

export const createSubscriptions = (state: TableauState): Subscriptions => {
  const subscriptions: Subscription[] = [];
  const alerts: Alert[] = [];
  return {
    add: (workbook, { subject, user = 'Ana Silva', suspended = false, refreshTriggered = false, kind = 'server' }) => {
      const subscription: Subscription = {
        luid: randomUUID(),
        subject,
        workbook,
        user: findUser(state, user),
        isSuspended: suspended,
        isRefreshTriggered: refreshTriggered,
        kind,
      };
      subscriptions.push(subscription);
      return subscription;
    },
    addAlert: (workbook, { subject, owner = 'Ana Silva', suspended = false, frequency = 'Daily' }) => {
      const alert: Alert = {
        luid: randomUUID(),
        subject,
        workbook,
        owner: findUser(state, owner),
        isSuspended: suspended,
        frequency,
        createdAt: Date.now(),
      };
      alerts.push(alert);
      return alert;
    },
    list: (query) => {
      const { pagination, shown } = pageOf(query, subscriptions);
      return { pagination, ...listOf('subscriptions', 'subscription', shown.map(subscriptionResource)) };
    },
    alerts: (query) => {
      const { pagination, shown } = pageOf(query, alerts);
      return { pagination, ...listOf('dataAlerts', 'dataAlert', shown.map(alertResource)) };
    },
  };
};
