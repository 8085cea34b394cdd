import type { Logger } from 'pino';
import { searchAttributes } from '../workflows/contract.js';
import type { Temporal } from './connection.js';

const ours = Object.values(searchAttributes);
const patience = 2_000;
/** `IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD` of https://github.com/temporalio/api/blob/master/temporal/api/enums/v1/common.proto */
const keyword = 2;

/**
 * Whether the namespace knows our search attributes, as a question that may be asked for every request: what is missing
 * is added once through the operator API, a yes is kept, and a no is asked again after `again` milliseconds. Never
 * throws: Temporal Cloud does not let everybody add, the time-skipping server has none, and without them everything
 * works but the filters of the Web UI.
 */
export function createSearchAttributes(temporal: Temporal, logger: Logger, again = 60_000): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined;
  let told = false;

  async function ask(): Promise<boolean> {
    try {
      const missing = await absent(temporal);
      if (missing.length === 0) return true;
      const { connection, namespace } = temporal;
      await connection.withDeadline(Date.now() + patience, () =>
        connection.operatorService.addSearchAttributes({
          namespace,
          searchAttributes: Object.fromEntries(missing.map((name) => [name, keyword])),
        }),
      );
      return (await absent(temporal)).length === 0;
    } catch (error) {
      const fields = { reason: error instanceof Error ? error.message : 'unknown' };
      const names = ours.map((name) => `${name} (Keyword)`).join(', ');
      if (!told) logger.warn(fields, `search attributes are not in use; an operator may add ${names}`);
      told = true;
      return false;
    }
  }

  return () => {
    asked ??= ask().then((known) => {
      if (!known) setTimeout(() => (asked = undefined), again).unref();
      return known;
    });
    return asked;
  };
}

async function absent({ connection, namespace }: Temporal): Promise<string[]> {
  const { customAttributes } = await connection.withDeadline(Date.now() + patience, () =>
    connection.operatorService.listSearchAttributes({ namespace }),
  );
  return ours.filter((name) => customAttributes[name] === undefined);
}
