import type { Policy } from '../../../src/workflows/contract.js';
import { defaultPolicy } from '../../helpers/service-settings.js';
import type { ServiceOptions, TimeSkippingService } from '../../helpers/time-skipping-service.js';

/** One whole incident. Its histories are recorded under its name and replayed. */
export interface Scenario {
  name: string;
  policy?: Policy;
  /** Failures after the first go to their incidents in batches. */
  batched?: true;
  /** See `ServiceOptions`. */
  schedules?: NonNullable<ServiceOptions['schedules']>;
  quietHours?: NonNullable<ServiceOptions['quietHours']>;
  routes?: NonNullable<ServiceOptions['routes']>;
  owners?: NonNullable<ServiceOptions['owners']>;
  webhooks?: NonNullable<ServiceOptions['webhooks']>;
  ownTemporal?: true;
  run: (service: TimeSkippingService) => Promise<void>;
}

/** The first page has the details that Tableau returned within a second; a later one has all of them. */
export const failed = /^\[1\] Workbook refresh failed: "Sales"\n/;
export const failedInFull =
  /^\[1\] Workbook refresh failed: "Sales"\nProject "Finance", owner "Olga Owner", 5 min ago\.\nUnable to/;

/** A policy with the last step of the default policy alone, a call to both contacts. */
export const callsOnly = { ...defaultPolicy, steps: defaultPolicy.steps.slice(2), repeat: 0 };
