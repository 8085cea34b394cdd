/** Numbers, credentials and the escalation of the time-skipping service. */
import type { Escalation } from '../../src/policy/route.js';
import { hour, minute, type Policy } from '../../src/workflows/contract.js';

export const ours = { whatsapp: '+15550009999', phone: '+15550008888' };
export const twilioAccount = { accountSid: `AC${'a'.repeat(32)}`, authToken: 'b'.repeat(32) };
export const numbers = { ana: '+15550100001', lead: '+15550100002' };
export const apiToken = 'api-token-for-tests-only';
export const webhookSecret = 'webhook-secret-for-tests';

export const defaultPolicy: Policy = {
  name: 'default',
  steps: [
    { page: ['ana'], by: 'whatsapp', waitMs: 5 * minute },
    { page: ['ana'], by: 'sms', waitMs: 5 * minute },
    { page: ['ana', 'lead'], by: 'call', waitMs: 5 * minute },
  ],
  repeat: 1,
  remindMs: 4 * hour,
};

export const escalationFor = (policy: Policy): Escalation => ({
  contacts: { ana: { whatsapp: numbers.ana, phone: numbers.ana }, lead: { phone: numbers.lead } },
  policies: { [policy.name]: policy },
  routes: [{ events: ['*RefreshFailed'], policy: policy.name }],
  settings: {
    windowMs: minute,
    callWindowMs: 3 * minute,
    lingerMs: hour,
    forgetMs: 7 * 24 * hour,
    messagesPerHour: 20,
    callsPerHour: 6,
    answersPerHour: 20,
  },
});
