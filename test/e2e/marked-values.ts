/** The marked values of secrecy.test.ts, and its escalation file. */
import { owner, secrets } from './service.js';

export const numbers = { ana: '+15550141421', ben: '+15550173205', lead: '+15550223606', unknown: '+15550264575' };
export const alternate = 'alternate-token-quartz-4711';
export const marked = {
  secrets: [...Object.values(secrets), alternate, 'wrong-secret-marmalade', 'wrong-token-pomegranate'],
  numbers: Object.values(numbers),
  words: ['zebrafish', 'kumquat', 'Pia Profilename'],
  // In the notes of a failed job.
  notes: ['db-marked-7.internal', 'svc_marked', 'hush-marked-password'] as const,
  // The owner of an item, the subject of an event, the `by` of a script.
  names: [owner, 'Olga', 'Ursula Usermark', 'Paula Personmark'],
};
/** Must be nowhere; names may be in the payloads of histories. */
export const never = [...marked.secrets, ...marked.numbers, ...marked.words, ...marked.notes];

export const escalation = {
  contacts: {
    ana: { whatsapp: numbers.ana, phone: numbers.ana },
    ben: { whatsapp: numbers.ben, phone: numbers.ben },
    lead: { phone: numbers.lead },
  },
  policies: {
    escalate: {
      steps: [
        { page: ['ana'], by: 'whatsapp', wait: '2s' },
        { page: ['ana'], by: 'sms', wait: '10m' },
        { page: ['ana'], by: 'call', wait: '10m' },
      ],
    },
    calm: { steps: [{ page: ['ana'], by: 'whatsapp', wait: '10m' }] },
    people: { steps: [{ page: ['lead'], by: 'sms', wait: '10m' }] },
    views: {
      steps: [
        { page: ['ben'], by: 'whatsapp', wait: '10m' },
        { page: ['lead'], by: 'sms', wait: '10m' },
      ],
    },
  },
  routes: [
    { events: ['Workbook*'], policy: 'escalate' },
    { events: ['Admin*'], policy: 'people' },
    { events: ['View*'], policy: 'views' },
    { events: ['*RefreshFailed'], policy: 'calm' },
  ],
  settings: { window: '8s', callWindow: '0s', linger: '1s', messagesPerHour: 1000, callsPerHour: 1000 },
};
