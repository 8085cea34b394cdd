import { createHmac } from 'node:crypto';
import { isOneOf } from '../secrets.js';

/** Thrown for a cursor that is not one of ours, or of another listing. */
export const badCursor = 'bad cursor';

/**
 * Signed cursors: Temporal takes a token that it cannot read for a failure of its own. A cursor is bound to the listing that it continues (`scope`), since
 * a token means nothing for another one.
 */
export function createCursors(secret: string) {
  const seal = (scope: string, text: string): string =>
    createHmac('sha256', secret).update(`${scope} ${text}`).digest('base64url');
  return {
    write(place: Uint8Array, scope: string): string {
      const text = Buffer.from(place).toString('base64url');
      return [text, seal(scope, text)].join('.');
    },
    /** @throws `badCursor` */
    read(cursor: string, scope: string): Buffer {
      const [text = '', given = ''] = cursor.split('.');
      if (!isOneOf(given, [seal(scope, text)])) throw new Error(badCursor);
      return Buffer.from(text, 'base64url');
    },
  };
}

export type Cursors = ReturnType<typeof createCursors>;
