import { answerScenarios } from './answers.js';
import { escalationScenarios } from './escalation.js';
import { eventScenarios } from './events.js';
import { onCallScenarios } from './on-call.js';
import { outageScenarios } from './outages.js';
import { rerunScenarios } from './reruns.js';
import { routeScenarios } from './routes.js';
import { severityScenarios } from './severity.js';
import { shownScenarios } from './shown.js';
import { silenceScenarios } from './silences.js';
import { stopAndSnoozeScenarios } from './stop-and-snooze.js';
import { stormScenarios } from './storms.js';
import { webhookScenarios } from './webhooks.js';
import type { Scenario } from './scenario.js';

export const scenarios: Scenario[] = [
  ...escalationScenarios,
  ...answerScenarios,
  ...shownScenarios,
  ...stopAndSnoozeScenarios,
  ...eventScenarios,
  ...rerunScenarios,
  ...onCallScenarios,
  ...routeScenarios,
  ...severityScenarios,
  ...silenceScenarios,
  ...outageScenarios,
  ...stormScenarios,
  ...webhookScenarios,
];
