/** The webhooks of a site that the user that we sign in as may see: an administrator sees all. */
import { Type } from 'typebox';
import { countOf, elements, shown } from './reading.js';
import { Anything, as, Pagination } from './schemas.js';
import type { Transport } from './transport.js';
import { eventOfSource } from './webhook-source.js';

export interface Webhook {
  id: string;
  name: string;
  /** Undefined where Tableau's answer has none that can be read. */
  event: string | undefined;
  enabled: boolean;
  /** Why it is disabled, in Tableau's words; empty when it is not. */
  reason: string;
  /** The address that it sends to, secrets included; empty where Tableau's answer has none. */
  url: string;
}

const HookAnswer = Type.Object({
  id: Type.String({ minLength: 1 }),
  name: Anything,
  event: Anything,
  isEnabled: Anything,
  statusChangeReason: Anything,
  'webhook-source': Anything,
  'webhook-destination': Anything,
});
const Destination = Type.Object({ 'webhook-destination-http': Type.Object({ url: Type.String() }) });
const HooksAnswer = Type.Object({ webhooks: Type.Unknown(), pagination: Anything });

/** @param timeout of each request. Throws a TableauError. */
export async function listWebhooks({ read }: Transport, timeout: () => AbortSignal): Promise<Webhook[]> {
  const found = new Map<string, Webhook>();
  for (let page = 1; ; page += 1) {
    // The first request has no page number: the documentation does not mention pages of this list.
    const params = page === 1 ? {} : { params: { pageNumber: page } };
    const body = await read('webhooks', { path: 'webhooks', ...params }, HooksAnswer, timeout());
    const before = found.size;
    for (const hook of elements(body.webhooks, 'webhook', HookAnswer)) found.set(hook.id, webhookIn(hook));
    const total = countOf(as(Pagination, body.pagination)?.totalAvailable) ?? 0;
    if (found.size === before || found.size >= total) return [...found.values()];
  }
}

function webhookIn(hook: Type.Static<typeof HookAnswer>): Webhook {
  const source = Object.keys(hook['webhook-source'] ?? {})[0];
  return {
    id: hook.id,
    name: shown(hook.name) ?? '',
    event: shown(hook.event) ?? (source === undefined ? undefined : eventOfSource(source)),
    // Before API 3.8 webhooks cannot be disabled.
    enabled: hook.isEnabled !== false && hook.isEnabled !== 'false',
    reason: shown(hook.statusChangeReason) ?? '',
    url: as(Destination, hook['webhook-destination'])?.['webhook-destination-http'].url ?? '',
  };
}
