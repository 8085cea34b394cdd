/** Webhook deliveries: https://help.tableau.com/current/developer/webhooks/en-us/docs/webhooks-events-payload.html */
import type { Ports, TableauState } from './world.js';

export interface Payload {
  resource: string;
  event_type: string;
  resource_name: string;
  site_luid: string;
  resource_luid: string;
  created_at: string;
}

export interface Delivery {
  url: string;
  /** HTTP status of the last try, null without an answer in time. */
  status: number | null;
  tries: number;
}

export interface Deliverer {
  /** Delivers to every enabled webhook of this event; resolves when each was accepted or given up. */
  deliver: (payload: Payload) => Promise<Delivery[]>;
  /** One try; null without an answer in time. */
  post: (url: string, body: string) => Promise<{ status: number; body: string } | null>;
}

/** Without the path, which contains the secret. */
const shownHost = (url: string): string => new URL(url).host;

export const createDeliverer = (state: TableauState, ports: Ports): Deliverer => {
  const post: Deliverer['post'] = async (url, body) => {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(ports.settings().webhookTimeoutMs),
      });
      return { status: response.status, body: await response.text() };
    } catch {
      return null;
    }
  };

  const sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      ports.later(ms, resolve);
    });

  const deliverTo = async (url: string, payload: Payload): Promise<Delivery> => {
    // Repetitions send the same body.
    const body = JSON.stringify(payload);
    const delaysMs = ports.settings().webhookRetriesMs;
    let status: number | null = null;
    for (let tries = 1; ; tries += 1) {
      status = (await post(url, body))?.status ?? null;
      const accepted = status !== null && status >= 200 && status < 300;
      const delayMs = delaysMs[tries - 1];
      const outcome = status === null ? 'no answer' : `answer ${status}`;
      const next = accepted ? '' : delayMs === undefined ? ', given up' : ', trying again';
      ports.log(`Tableau: ${payload.event_type} "${payload.resource_name}" to ${shownHost(url)}: ${outcome}${next}`);
      if (accepted || delayMs === undefined) return { url, status, tries };
      await sleep(delayMs);
    }
  };

  return {
    post,
    deliver: async (payload) => {
      const hooks = [...state.webhooks.values()].filter((one) => one.isEnabled && one.event === payload.event_type);
      if (hooks.length === 0) ports.log(`Tableau: ${payload.event_type} "${payload.resource_name}": no webhook is set`);
      return Promise.all(hooks.map((hook) => deliverTo(hook.url, payload)));
    },
  };
};
