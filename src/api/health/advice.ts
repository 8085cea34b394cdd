/** What an operator does about each alarm: the short form of the table in docs/operations.md. */

const unreachableTwilio =
  'Look at status.twilio.com, then at DNS, firewall and proxy of the worker. Sends are tried again; reach people by other means if it lasts.';

const advice: Readonly<Record<string, string>> = {
  'incidents-unacknowledged': 'Take each on its page, and find out why nobody did.',
  'temporal-unavailable':
    'Check Temporal, its database and its disk. The command "check" on this machine names the obstacle.',
  'no-workers': 'Start workers; their log says why they ended. What was accepted is paged as soon as one runs.',
  'workers-not-begun': 'Wait some seconds; if it lasts, check Temporal.',
  'hourly-limit':
    'Find out what fails so often. settings.messagesPerHour and callsPerHour raise the limit; or page more people.',
  'unknown-items':
    'Unless you deleted so many items, rotate the secret of the webhooks, or let our user see these items.',
  'contact-stopped': 'Ask them to reply START, or take that channel out of the steps in the escalation file.',
  'contact-refused': 'Correct the address in the escalation file, then send a test page.',
  'pager-unreachable':
    'Incidents try again. If it lasts, terminate the workflow pager:<contact> in the Temporal Web UI: the next try starts it anew.',
  'intake-stalled': 'After a burst of thousands it ends by itself; else see whether workers run and keep up.',
  'event-undeliverable': 'The log names the incidents: look at their items in Tableau.',
  'escalation-file': 'Correct the file; "policy check" names each problem with its line. Do not restart before.',
  'calendar-unreadable': 'Get a new address from the owner of the calendar, or use a copy as a file.',
  'holidays-unreadable': 'Get a new address from the owner of the calendar, or use a copy as a file.',
  'labels-refused': 'License Data Management, give our user the right, or take labels out of the escalation file.',
  'tableau-sign-in': 'The token has ended or was revoked: create another in Tableau, and restart the workers.',
  'tableau-unreachable': 'See whether Tableau is up, and whether the workers can reach it.',
  'data-times-unknown': 'Make our user in Tableau a site administrator, or enable the Metadata API.',
  'webhooks-missing': 'Run: tableau-webhooks webhooks sync --yes',
  'webhooks-disabled': 'Run: tableau-webhooks webhooks sync --yes ("webhooks list" says why it was disabled)',
  'flows-refused':
    'The right of a site administrator, or Data Management, is missing; or take flows out of the escalation file.',
  'webhook-failing':
    'The log names the webhook and why: "tableau-webhooks notify test <name>" tries it. Changes wait, and go as soon as it takes one.',
  'webhook-gone': 'Write the new address of the webhook, or take it out of the escalation file; the log names it.',
  'webhook-dropped':
    'The log names the webhook and why: "tableau-webhooks notify test <name>" tries it. What was given up is not sent again: look at the incidents.',
  'twilio-no-address':
    'The escalation file has changed while a page was open: add the address of the contact by that channel.',
  'twilio-no-sender': 'Set WHATSAPP_FROM, and restart the workers.',
  'sign-in-provider':
    'See whether the provider is up and this service can reach it, and whether OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are right: the log says which.',
};

/** A sentence or two; for a code of Twilio, where to read of it. */
export function whatToDo(code: string): string {
  if (Object.hasOwn(advice, code)) return advice[code] ?? '';
  if (/^twilio-\d{5}$/.test(code))
    return 'Read the page of the code at Twilio, and docs/twilio.md. "doctor" checks account and sender.';
  return code.startsWith('twilio-') ? unreachableTwilio : 'The log says more.';
}
