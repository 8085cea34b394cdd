/** What Tableau and Twilio say of the service, for whoever looks at its health. */
import type { BaseLogger } from 'pino';
import type { TableauClient } from '../tableau/rest/client.js';
import type { TwilioClient, TwilioConfig } from '../twilio/client.js';
import { createContentApi } from '../twilio/content.js';
import { pageTemplate } from '../twilio/page-template.js';
import type { OutsideActivities, TemplateState } from '../workflows/background-contract.js';
import { second } from '../workflows/contract.js';
import { alarmsFor } from './check-freshness.js';

interface OutsideDependencies {
  tableau: Pick<TableauClient, 'webhooks'>;
  /** The beginning of the address of our webhooks. */
  publicUrl: string;
  twilio: TwilioClient;
  config: Pick<TwilioConfig, 'contentSid' | 'whatsappFrom'>;
  logger: BaseLogger;
}

const webhooksTimeoutMs = 8 * second;

/** https://www.twilio.com/docs/whatsapp/tutorial/message-template-approvals-statuses */
const states: Readonly<Record<string, TemplateState>> = {
  approved: 'approved',
  unsubmitted: 'pending',
  received: 'pending',
  pending: 'pending',
  rejected: 'refused',
  paused: 'refused',
  disabled: 'refused',
};

export function createOutsideActivities(dependencies: OutsideDependencies): OutsideActivities {
  const { tableau, publicUrl, twilio, config, logger } = dependencies;
  const contents = createContentApi(twilio, pageTemplate);

  async function orUnknown<State>(what: string, read: () => Promise<State>): Promise<State | 'unknown'> {
    try {
      return await read();
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown';
      logger.info({ what, why }, 'not known for the page of health');
      return 'unknown';
    }
  }

  return {
    readTemplate: () =>
      orUnknown('template', async () => {
        const { contentSid, whatsappFrom } = config;
        if (whatsappFrom === undefined) return 'unused';
        if (contentSid === undefined) return 'unset';
        if ((await contents.get(contentSid)) === null) return 'missing';
        const { status } = await contents.approval(contentSid);
        return states[status] ?? 'unknown';
      }),
    readWebhooks: () =>
      orUnknown('webhooks', async () => {
        const hooks = await tableau.webhooks(AbortSignal.timeout(webhooksTimeoutMs));
        const codes = alarmsFor(hooks, publicUrl).map(({ code }) => code);
        if (codes.includes('webhooks-missing')) return 'missing';
        return codes.includes('webhooks-disabled') ? 'disabled' : 'found';
      }),
  };
}
