import { setTimeout as sleep } from 'node:timers/promises';
import { activityInfo, Context } from '@temporalio/activity';
import type { BaseLogger } from 'pino';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Labels } from '../policy/labels.js';
import type { TableauClient } from '../tableau/rest/client.js';
import type { Label } from '../tableau/rest/labels.js';
import { isOurs, settleLabel } from '../tableau/look-ups/set-label.js';
import { reasonOf } from '../temporal/errors.js';
import { minute } from '../workflows/contract.js';
import type { LabelSweep, LabelSweepActivities } from '../workflows/label-contract.js';
import { orApplicationFailure } from './tableau.js';

export interface LabelSweepDependencies {
  tableau: TableauClient;
  /** By the escalation file in force; undefined: labels are off. */
  labels: () => Labels | undefined;
  /** Whether an incident runs, by its id. */
  isRunning: (incident: string) => Promise<boolean>;
  logger: BaseLogger;
  pause?: (ms: number) => Promise<unknown>;
}

/** What an attempt hands to the next one: data sources before `next` were looked at. */
const Progress = Type.Object({
  next: Type.Integer(),
  seen: Type.Integer(),
  removed: Type.Integer(),
  failed: Type.Integer(),
});

/** Tableau does not say how many it takes. */
const labelsAtOnce = 100;
/** Half of the requests of a minute, so that incidents can label meanwhile. */
const share = 0.5;

/**
 * Removes the labels of incidents that were terminated by hand. Tableau can list the labels of given data sources alone, so that all data sources
 * are gone through.
 */
export function createLabelSweepActivities(dependencies: LabelSweepDependencies): LabelSweepActivities {
  const { tableau, labels, isRunning, logger, pause = (ms) => sleep(ms) } = dependencies;
  /** Of one request. */
  const signal = (): AbortSignal =>
    AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(20_000)]);

  /** An event without a site has an incident without one. */
  async function hasIncident({ datasource }: Label, site: string): Promise<boolean> {
    const ids = [`refresh:${site}:${datasource}`, `refresh:-:${datasource}`];
    return (await Promise.all(ids.map(isRunning))).includes(true);
  }

  async function sweep(label: Label, site: string): Promise<Partial<LabelSweep>> {
    const { datasource } = label;
    try {
      if (await hasIncident(label, site)) return {};
      await settleLabel(tableau.labels, { datasource, text: null, labelId: null }, signal());
      logger.info({ luid: datasource }, 'a label without an incident was removed in Tableau');
      return { removed: 1 };
    } catch (error) {
      logger.warn({ luid: datasource, why: reasonOf(error) }, 'a label without an incident could not be removed');
      return { failed: 1 };
    }
  }

  return {
    sweepLabels: () => orApplicationFailure(sweepAll()),
  };

  async function sweepAll(): Promise<LabelSweep> {
    const earlier: unknown = activityInfo().heartbeatDetails;
    const progress = Value.Check(Progress, earlier) ? earlier : { next: 0, seen: 0, removed: 0, failed: 0 };
    const settings = labels();
    if (settings === undefined) return resultOf(progress);
    const pauseMs = minute / (settings.perMinute * share);
    const site = await tableau.site(signal());
    const ourUser = await tableau.labels.ourUser(signal());
    const luids = (await tableau.contents('datasource', signal())).map(({ luid }) => luid);
    for (let { next } = progress; next < luids.length; next += labelsAtOnce) {
      // An attempt that fails begins with these again, and counts them once.
      const before = { ...progress };
      Context.current().heartbeat(before);
      await pause(pauseMs);
      const some = luids.slice(next, next + labelsAtOnce);
      const found = await tableau.labels.of(some, signal());
      for (const label of found.filter((one) => isOurs(one, ourUser))) {
        const { removed = 0, failed = 0 } = await sweep(label, site);
        progress.removed += removed;
        progress.failed += failed;
        Context.current().heartbeat(before);
        await pause(pauseMs);
      }
      progress.seen += some.length;
      progress.next = next + some.length;
    }
    return resultOf(progress);
  }
}

const resultOf = ({ seen, removed, failed }: LabelSweep): LabelSweep => ({ seen, removed, failed });
