/** The api role: the HTTP server over a connection to Temporal. */
import type { Logger } from 'pino';
import type { WorkersState } from '../api/health/workers-state.js';
import { buildApp } from '../api/app.js';
import type { HttpSettings } from '../config/parts.js';
import type { EscalationSource } from '../policy/escalation-source.js';
import type { Temporal } from '../temporal/connection.js';

export interface ApiOptions {
  http: HttpSettings;
  publicUrl: string;
  linkSecret?: string;
  escalation: EscalationSource;
  /** Titles and addresses that the front page shows. */
  links?: Record<string, string>;
}

export interface Api {
  /** Where it listens. */
  address: string;
  /** Answers what is under way and ends. */
  close: () => Promise<void>;
}

/** @param workers those of the same process */
export async function startApi(
  { http, publicUrl, linkSecret, escalation, links }: ApiOptions,
  temporal: Temporal,
  searchAttributes: () => Promise<boolean>,
  logger: Logger,
  workers?: () => WorkersState,
): Promise<Api> {
  const app = await buildApp({
    client: temporal.client,
    config: { ...http, publicUrl, ...(linkSecret !== undefined && { linkSecret }) },
    escalation,
    searchAttributes,
    logger,
    ...(workers && { workers }),
    ...(links && { links }),
  });
  const { host, port } = http;
  try {
    const address = await app.listen({ host, port, listenTextResolver: (where) => `listening at ${where}` });
    return { address, close: () => app.close() };
  } catch (error) {
    await app.close();
    throw error;
  }
}
