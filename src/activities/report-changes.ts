import { ApplicationFailure } from '@temporalio/common';
import type { BaseLogger } from 'pino';
import type { EscalationSource } from '../policy/escalation-source.js';
import { concerns, endpointOf, type Webhook, type WebhookVariables } from '../policy/webhooks.js';
import { reasonOf } from '../temporal/errors.js';
import type { ChangesSignal, IncidentChange, ReportActivities } from '../workflows/webhook-contract.js';

export interface ReportDependencies {
  /** The file may change while the service runs. */
  escalation: EscalationSource;
  variables: WebhookVariables;
  /** Takes changes to the workflow of an endpoint, within some seconds. */
  signal: (endpoint: string, signal: ChangesSignal) => Promise<void>;
  logger: BaseLogger;
}

/** Finds the endpoints that want changes of an incident, by the file in force, and signals their workflows. */
export function createReportActivities(dependencies: ReportDependencies): ReportActivities {
  const { escalation, variables, signal, logger } = dependencies;

  /** Where a variable is missing the endpoint waits, and says so itself. */
  function versionOf(name: string, webhook: Webhook): string {
    const endpoint = endpointOf(name, webhook, variables);
    return Array.isArray(endpoint) ? 'incomplete' : endpoint.version;
  }

  /** An endpoint that knows of the episode learns of all of it: what is known of the item by now may not fit its filters. */
  function wantedBy(name: string, webhook: Webhook, changes: readonly IncidentChange[], told: readonly string[]) {
    const isTold = told.includes(name);
    return changes.filter(
      ({ type, incident }) => webhook.changes.includes(type) && (isTold || concerns(webhook, incident)),
    );
  }

  return {
    async reportChanges({ changes, told }) {
      const webhooks = Object.entries(escalation.current().webhooks ?? {});
      const reports = webhooks.flatMap(([name, webhook]) => {
        const wanted = wantedBy(name, webhook, changes, told);
        return wanted.length > 0 ? [{ name, signal: { version: versionOf(name, webhook), changes: wanted } }] : [];
      });
      const ends = await Promise.allSettled(reports.map((report) => signal(report.name, report.signal)));
      const unreached = reports.flatMap(({ name }, index) => {
        const end = ends[index];
        if (end?.status !== 'rejected') return [];
        logger.warn({ endpoint: name, why: reasonOf(end.reason) }, 'the workflow of an endpoint cannot be signalled');
        return [name];
      });
      // Most often Temporal itself: the next attempt comes sooner than that of the incident.
      if (reports.length > 0 && unreached.length === reports.length)
        throw ApplicationFailure.retryable('No endpoint could be signalled.', 'temporal-unavailable');
      return { told: [...new Set([...told, ...reports.map(({ name }) => name)])], unreached };
    },
  };
}
