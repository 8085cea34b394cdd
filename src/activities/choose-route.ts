import type { BaseLogger } from 'pino';
import { conditionNames, verdictOn, type ConditionName, type FailureFacts } from '../policy/conditions.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import { decideRoute, type Escalation } from '../policy/route.js';
import type { Asking, RoutingFact, RoutingFacts } from '../tableau/look-ups/routing-facts.js';
import type { RouteInput, Routed, RoutingActivities } from '../workflows/activity-contract.js';
import type { Item } from '../workflows/contract.js';

export interface RoutingDependencies {
  escalation: EscalationSource;
  factsOf: (item: Item, wanted: readonly RoutingFact[], asking: Asking) => Promise<RoutingFacts>;
  /** The luid of the site that we sign in to. Throws when Tableau does not tell. */
  ownSite: (signal: AbortSignal) => Promise<string>;
  /** The name of that site in addresses (`TABLEAU_SITENAME`); empty for the default site. */
  siteName: string;
  logger: BaseLogger;
}

const isFact = (name: ConditionName): name is RoutingFact =>
  name === 'project' || name === 'tags' || name === 'owner' || name === 'failures';

/** Chooses the policy of a failure by the routes of the escalation file, as far as Tableau tells what they depend on. */
export function createRoutingActivities(dependencies: RoutingDependencies): RoutingActivities {
  const { escalation, factsOf, ownSite, siteName, logger } = dependencies;

  async function siteOf({ site }: Item, signal: AbortSignal): Promise<Pick<FailureFacts, 'siteName'>> {
    const name = siteName === '' ? 'default' : siteName;
    // Tableau sent no site: the webhook is one of ours.
    if (site === '-') return { siteName: name };
    try {
      const ours = await ownSite(signal);
      // The name of another site is nowhere to be learnt.
      return ours.toLowerCase() === site.toLowerCase() ? { siteName: name } : {};
    } catch (error) {
      logger.warn({ why: reasonOf(error) }, 'the site could not be looked up: routes by its name wait');
      return {};
    }
  }

  async function learn(
    { routes }: Escalation,
    { item, receivedAt, withinMs }: RouteInput,
    known: FailureFacts,
  ): Promise<FailureFacts> {
    const wanted = unknownIn(routes, known);
    const signal = AbortSignal.timeout(withinMs);
    const [site, facts] = await Promise.all([
      wanted.includes('site') ? siteOf(item, signal) : {},
      factsOf(item, wanted.filter(isFact), { signal, since: receivedAt }),
    ]);
    return { ...known, ...site, ...facts };
  }

  return {
    async chooseRoute(input) {
      const { item, event, receivedAt, failures } = input;
      const inForce = escalation.current();
      const facts = await learn(inForce, input, { event, item: item.name, site: item.site, at: receivedAt });
      // Tableau counts up to the newest failure that it knows, which may be older than the episode's.
      const counted = facts.failures === undefined ? {} : { failures: Math.max(facts.failures, failures) };
      return routedBy(inForce, { ...facts, ...counted });
    },
  };
}

/** What the routes before the first that is certain depend on. */
function unknownIn(routes: Escalation['routes'], facts: FailureFacts): ConditionName[] {
  const wanted = new Set<ConditionName>();
  for (const route of routes) {
    const verdicts = conditionNames.map((name) => [name, verdictOn(route, name, facts)] as const);
    if (verdicts.some(([, verdict]) => verdict === 'missed')) continue;
    const unknown = verdicts.filter(([, verdict]) => verdict === 'unknown');
    if (unknown.length === 0) break;
    for (const [name] of unknown) wanted.add(name);
  }
  return [...wanted];
}

function routedBy(escalation: Escalation, facts: FailureFacts): Routed {
  const { policy, ignore = '', route, isCertain } = decideRoute(escalation, facts);
  return policy ? { policy, route, isCertain } : { ignored: ignore, route, isCertain };
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
