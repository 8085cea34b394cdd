import type { BaseLogger } from 'pino';
import type { Labels } from '../policy/labels.js';
import type { TableauClient } from '../tableau/rest/client.js';
import { isRefused, isSignInRefused, TableauError } from '../tableau/rest/errors.js';
import { settleLabel } from '../tableau/look-ups/set-label.js';
import { withTimeout } from '../tableau/rest/timeouts.js';
import { day } from '../workflows/contract.js';
import type { LabelActivities, LabelInput, LabelResult } from '../workflows/label-contract.js';
import { createLabelTurns } from './label-turns.js';

export interface LabelDependencies {
  tableau: TableauClient;
  /** By the escalation file in force; undefined: labels are off. */
  labels: () => Labels | undefined;
  logger: BaseLogger;
  clock?: () => number;
}

/** Below the time that the workflow gives the activity, so that no request goes on after it. */
const timeoutMs = 12_000;
/** While labels are off only what was set before is removed. */
const perMinuteWhileOff = 30;

/** Sets the labels of data sources, so many in a minute. It never fails where Tableau does not do it: the result says why. */
export function createLabelActivities(dependencies: LabelDependencies): LabelActivities {
  const { tableau, labels, logger, clock = Date.now } = dependencies;
  const waitMs = createLabelTurns(clock);
  let alarmedAt = Number.NEGATIVE_INFINITY;

  /** Once a day: the incidents of a storm all learn the same. */
  function refused(why: string): LabelResult {
    if (clock() - alarmedAt >= day) {
      alarmedAt = clock();
      logger.error(
        { alarm: 'labels-refused', why },
        'Tableau refuses labels: readers are not told, and pages go on as before',
      );
    }
    return { did: 'refused', why };
  }

  async function settle({ item, labelId }: LabelInput, text: string | null, signal: AbortSignal): Promise<LabelResult> {
    const ours = await tableau.site(signal);
    if (item.site !== '-' && item.site.toLowerCase() !== ours.toLowerCase())
      return { did: 'left', because: 'other-site' };
    try {
      return await settleLabel(tableau.labels, { datasource: item.luid, text, labelId }, signal);
    } catch (error) {
      if (isRefused(error) && error.code?.startsWith('404') && !(await isKnown(item.luid, signal)))
        return { did: 'left', because: 'unknown-item' };
      // The sign-in for labels alone was refused: a connected app without their scopes.
      if (isRefused(error) || isSignInRefused(error)) return refused(error.message);
      throw error;
    }
  }

  /** Tableau refuses labels of a data source that it does not have with the same code as all labels. */
  const isKnown = (luid: string, signal: AbortSignal): Promise<boolean> =>
    tableau.datasource(luid, signal).then(
      () => true,
      (error: unknown) => {
        if (isRefused(error)) return false;
        throw error;
      },
    );

  return {
    async setLabel(input) {
      const settings = labels();
      const { item, labelId, downstreamWorkbooks } = input;
      const isOff = settings === undefined && input.text !== null;
      if (isOff && labelId === null) return { did: 'left', because: 'off' };
      if (!/^[\w-]+$/.test(item.luid)) return { did: 'left', because: 'unknown-item' };
      const text = isOff ? null : input.text;
      // What is stale no more is called so no longer; then come those that most depend on.
      const rank = text === null ? Number.POSITIVE_INFINITY : downstreamWorkbooks;
      const requests = text === null || labelId !== null ? 2 : 3;
      const afterMs = waitMs({ key: item.luid, requests, rank }, settings?.perMinute ?? perMinuteWhileOff);
      if (afterMs > 0) return { did: 'later', why: 'Others are labelled first.', afterMs };
      try {
        const result = await withTimeout(timeoutMs, (signal) => settle(input, text, signal));
        return isOff && result.did === 'removed' ? { did: 'left', because: 'off' } : result;
      } catch (error) {
        if (error instanceof TableauError) return { did: 'later', why: error.message };
        throw error;
      }
    },
  };
}
