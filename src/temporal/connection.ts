import { Client, Connection } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection } from '@temporalio/worker';

/** The memo of an incident holds all that is shown of it, 200 entries and 200 pages: the SDK would warn from 2 KiB on. */
const memoWarnSize = 256 * 1024;

/** A lazy connection to Temporal: the api can start while Temporal is unavailable. */
export interface Temporal {
  address: string;
  namespace: string;
  /** TLS and credentials in use, for the log. */
  security: string;
  connection: Connection;
  client: Client;
  /** A connection for workers, open when it is given. The caller closes it. */
  forWorkers: () => Promise<NativeConnection>;
  close: () => Promise<void>;
}

/**
 * By Temporal's own variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`, `TEMPORAL_TLS_…`, profiles):
 * https://docs.temporal.io/develop/environment-configuration
 */
export function connectTemporal(connect: ClientConnectConfig): Temporal {
  const options = connect.connectionOptions;
  const namespace = connect.namespace ?? 'default';
  // Without the SDK's retry interceptor: when a connection is closed while Temporal is unavailable, a timer of the interceptor
  // throws outside of any promise. Callers retry.
  const connection = Connection.lazy({ ...options, interceptors: [] });
  return {
    address: options.address ?? 'localhost:7233',
    namespace,
    security: securityOf(options),
    connection,
    client: new Client({ connection, namespace }),
    // Loaded when a worker needs it: it takes a third of a second.
    forWorkers: async () =>
      (await import('@temporalio/worker')).NativeConnection.connect({ ...options, payloadLimits: { memoWarnSize } }),
    close: () => connection.close(),
  };
}

/** For a command: to the server that the configuration names, else to the one that the service runs itself on this machine. */
export const connectAsConfigured = (configured: {
  embedded: { port: number } | null;
  connect: ClientConnectConfig;
}): Temporal => {
  const { embedded, connect } = configured;
  return connectTemporal(
    embedded === null ? connect : { connectionOptions: { address: `127.0.0.1:${embedded.port}` } },
  );
};

function securityOf({ tls, apiKey }: ClientConnectConfig['connectionOptions']): string {
  const certified = typeof tls === 'object' && tls?.clientCertPair !== undefined;
  const by = certified ? 'with a client certificate' : 'without a client certificate';
  return `${tls ? `TLS ${by}` : 'no TLS'}${apiKey === undefined ? '' : ', with an API key'}`;
}
