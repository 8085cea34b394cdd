import type { Component } from './component.js';
import { ErrorBody } from './errors.js';
import { freshnessComponents } from './freshness.js';
import { HealthSchema } from './health.js';
import { historyComponents } from './history.js';
import { incidentComponents } from './incident.js';
import { onCallComponents } from './on-call.js';
import { receivedComponents } from './received.js';
import { serviceComponents } from './service.js';

/** Every schema that the document has by name. */
export const components: readonly Component[] = [
  ErrorBody,
  ...incidentComponents,
  ...onCallComponents,
  ...freshnessComponents,
  ...historyComponents,
  ...serviceComponents,
  HealthSchema,
  ...receivedComponents,
];
