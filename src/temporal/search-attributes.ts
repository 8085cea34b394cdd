import type { Logger } from 'pino';
import { minute, searchAttributes } from '../workflows/contract.js';
import type { Temporal } from './connection.js';

const ours = Object.values(searchAttributes);
const requestTimeoutMs = 2_000;
/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/common.proto */
const keyword = 2;

/**
 * Creates a check whether the namespace has our search attributes, fast enough for every request: it adds missing
 * ones through the operator API, caches true for ever and false for `retryMs`. It never throws: Temporal Cloud restricts
 * who may add them, the time-skipping server has none, and without them only the filters of the Web UI are missing.
 */
export function createSearchAttributes(temporal: Temporal, logger: Logger, retryMs = minute): () => Promise<boolean> {
  let cached: Promise<boolean> | undefined;
  let warned = false;

  async function register(): Promise<boolean> {
    try {
      const missing = await absent(temporal);
      if (missing.length === 0) return true;
      const { connection, namespace } = temporal;
      await connection.withDeadline(Date.now() + requestTimeoutMs, () =>
        connection.operatorService.addSearchAttributes({
          namespace,
          searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
        }),
      );
      return (await absent(temporal)).length === 0;
    } catch (error) {
      const fields = { reason: error instanceof Error ? error.message : 'unknown' };
      const names = ours.map((name) => `${name} (Keyword)`).join(', ');
      if (!warned) logger.warn(fields, `search attributes are not in use; an operator may add ${names}`);
      warned = true;
      return false;
    }
  }

  return () => {
    cached ??= register().then((known) => {
      if (!known) setTimeout(() => (cached = undefined), retryMs).unref();
      return known;
    });
    return cached;
  };
}

async function absent({ connection, namespace }: Temporal): Promise<string[]> {
  const { customAttributes } = await connection.withDeadline(Date.now() + requestTimeoutMs, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return ours.filter((name) => customAttributes[name] === undefined);
}
