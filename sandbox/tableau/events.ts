/** The events of items, as webhooks deliver them. */
import type { Deliverer, Delivery, Payload } from './delivery.js';
import { resourceWord } from './event-names.js';
import { tableauTime, type Item, type Ports, type Runnable, type TableauOptions } from './world.js';

export interface EmittedEvent {
  event: Payload;
  deliveries: Promise<Delivery[]>;
}

/** `RefreshFailed` is `WorkbookRefreshFailed` for a workbook. It happens now, or `at`, milliseconds since the epoch. */
export type Emit = (verb: string, item: Item, at?: number) => EmittedEvent;

/** Sets and gives the time of the next event, in whole seconds: `at`, or now. */
export const stamp = (of: Runnable, at = Math.max(Date.now(), of.lastEventAt + 1000)): number => {
  of.lastEventAt = Math.floor(at / 1000) * 1000;
  return of.lastEventAt;
};

export const createEmit =
  (options: TableauOptions, ports: Ports, deliverer: Deliverer): Emit =>
  (verb, item, at) => {
    const event = (item.kind === 'workbook' ? 'Workbook' : 'Datasource') + verb;
    const payload: Payload = {
      resource: resourceWord(event, item.kind.toUpperCase()),
      event_type: event,
      resource_name: item.name,
      site_luid: options.site.luid,
      resource_luid: item.luid,
      created_at: tableauTime(stamp(item, at)),
    };
    ports.changed();
    return { event: payload, deliveries: deliverer.deliver(payload) };
  };
