/** The escalation file of escalation.test.ts. */
export const numbers = { ana: '+15550100001', ben: '+15550100002', lead: '+15550100003' };

/** Workbooks escalate within seconds; the steps of data sources leave time to answer. */
export const escalation = {
  contacts: {
    ana: { whatsapp: numbers.ana, phone: numbers.ana },
    ben: { whatsapp: numbers.ben, phone: numbers.ben },
    lead: { phone: numbers.lead },
  },
  policies: {
    quick: {
      steps: [
        { page: ['ben'], by: 'whatsapp', wait: '2s' },
        { page: ['ben'], by: 'sms', wait: '2s' },
        { page: ['ben', 'lead'], by: 'call', wait: '2s' },
      ],
      repeat: 0,
    },
    calm: {
      steps: [
        { page: ['ana'], by: 'whatsapp', wait: '10m' },
        { page: ['ana'], by: 'sms', wait: '10m' },
        { page: ['ana'], by: 'call', wait: '10m' },
      ],
    },
  },
  routes: [
    { events: ['Workbook*'], policy: 'quick' },
    { events: ['*RefreshFailed'], policy: 'calm' },
  ],
  settings: { window: '0s', callWindow: '0s', linger: '1s', messagesPerHour: 1000, callsPerHour: 1000 },
};
