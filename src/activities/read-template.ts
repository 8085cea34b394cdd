import type { BaseLogger } from 'pino';
import type { TwilioClient, TwilioConfig } from '../twilio/client.js';
import { createContentApi } from '../twilio/content.js';
import { pageTemplate } from '../twilio/page-template.js';
import type { TemplateActivities, TemplateState } from '../workflows/background-contract.js';

interface TemplateDependencies {
  twilio: TwilioClient;
  config: Pick<TwilioConfig, 'contentSid' | 'whatsappFrom'>;
  logger: BaseLogger;
}

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

export function createTemplateActivities({ twilio, config, logger }: TemplateDependencies): TemplateActivities {
  const contents = createContentApi(twilio, pageTemplate);
  return {
    async readTemplate() {
      const { contentSid, whatsappFrom } = config;
      if (whatsappFrom === undefined) return 'unused';
      if (contentSid === undefined) return 'unset';
      try {
        if ((await contents.get(contentSid)) === null) return 'missing';
        const { status } = await contents.approval(contentSid);
        return states[status] ?? 'unknown';
      } catch (error) {
        const why = error instanceof Error ? error.message : 'unknown';
        logger.info({ why }, 'Twilio does not say whether the template is approved');
        return 'unknown';
      }
    },
  };
}
