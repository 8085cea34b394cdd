import { activityInfo, Context } from '@temporalio/activity';
import type { BaseLogger } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { outcomeOf, type Outcome } from '../outgoing/outcome.js';
import type { PostBody } from '../outgoing/post.js';
import { pauseOf, renderNext } from '../outgoing/render.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import { endpointOf, type Endpoint, type WebhookVariables } from '../policy/webhooks.js';
import { changeId, type PostActivities, type PostResult } from '../workflows/webhook-contract.js';

export interface PostDependencies {
  escalation: EscalationSource;
  variables: WebhookVariables;
  /** Without a trailing slash: links in texts begin so. */
  publicUrl: string;
  post: PostBody;
  logger: BaseLogger;
  clock?: () => number;
}

/** What an attempt hands to the next one. */
const Progress = Type.Object({ posted: Type.Array(Type.String()) });

/** No post begins later than this: the workflow gives the activity a minute. */
const beginWithinMs = 35_000;

/** Posts changes to endpoints of outgoing webhooks. What the receiver answers is a result: the workflow decides about the next try. */
export function createPostActivities(dependencies: PostDependencies): PostActivities {
  const { escalation, variables, publicUrl, post, logger, clock = Date.now } = dependencies;

  /** Another process may know a newer file than this one. */
  async function endpointNamed(name: string): Promise<Endpoint | string[] | null> {
    const present = () => escalation.current().webhooks?.[name];
    if (!present()) await escalation.check?.();
    const webhook = present();
    return webhook ? endpointOf(name, webhook, variables) : null;
  }

  async function postNext(endpoint: Endpoint, next: ReturnType<typeof renderNext>): Promise<Outcome> {
    if (next.body === null) return { how: 'delivered' };
    const began = clock();
    const outcome = outcomeOf(await post(endpoint, { id: next.id, body: next.body }));
    const about = { endpoint: endpoint.name, as: endpoint.as, changes: next.changes.length, ms: clock() - began };
    if (outcome.how === 'delivered') logger.info(about, 'changes of incidents posted');
    else
      logger.warn({ ...about, outcome: outcome.how, ...('why' in outcome && { why: outcome.why }) }, 'a post failed');
    return outcome;
  }

  return {
    async postChanges({ endpoint: name, changes }): Promise<PostResult> {
      const endpoint = await endpointNamed(name);
      if (endpoint === null) return { posted: [], failed: { how: 'removed' }, pauseMs: 0 };
      if (Array.isArray(endpoint))
        return { posted: [], failed: { how: 'unavailable', why: endpoint.join(' ') }, pauseMs: 0 };
      const earlier: unknown = activityInfo().heartbeatDetails;
      const posted = Value.Check(Progress, earlier) ? earlier.posted : [];
      const pauseMs = pauseOf(endpoint);
      const until = clock() + beginWithinMs;
      for (;;) {
        const left = changes.filter((change) => !posted.includes(changeId(change)));
        if (left.length === 0 || clock() > until || Context.current().cancellationSignal.aborted)
          return { posted, pauseMs };
        const next = renderNext(endpoint, left, publicUrl);
        const ids = next.changes.map(changeId);
        const outcome = await postNext(endpoint, next);
        if (outcome.how === 'refused') return { posted, failed: { ...outcome, ids }, pauseMs };
        if (outcome.how !== 'delivered') return { posted, failed: outcome, pauseMs };
        posted.push(...ids);
        Context.current().heartbeat({ posted });
        if (pauseMs > 0) return { posted, pauseMs };
      }
    },
  };
}
