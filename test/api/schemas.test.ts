/** The schemas of answers against the types of what the code answers; the compiler is the test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Static } from 'typebox';
import type { Alarm } from '../../src/api/health/alarm.js';
import type { HealthReport } from '../../src/api/health/health-report.js';
import type { HealthSchema } from '../../src/api/schemas/health.js';
import type { Listing } from '../../src/api/incidents/visibility.js';
import type { FreshnessSchema, FreshnessReportSchema } from '../../src/api/schemas/freshness.js';
import type {
  DetailSchema,
  IncidentListSchema,
  IncidentRowSchema,
  IncidentSchema,
  ItemSchema,
  PageSchema,
} from '../../src/api/schemas/incident.js';
import type { SilenceMatchSchema } from '../../src/api/schemas/on-call.js';
import type { AlarmSchema, HomeSchema } from '../../src/api/schemas/service.js';
import type { EpisodeReport } from '../../src/policy/freshness/episode-report.js';
import type { FreshnessReport } from '../../src/policy/freshness/report.js';
import type { Item } from '../../src/workflows/contract.js';
import type { SilenceMatch } from '../../src/workflows/on-call-contract.js';
import type { IncidentDetail, IncidentRow, IncidentView, PageView } from '../../src/workflows/view-contract.js';

/** Whether each can stand for the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
/** Whether what is answered fits the schema. */
type Fits<Answer, Schema> = [Answer] extends [Schema] ? true : false;

test('the schemas of answers have the types of what is answered', () => {
  const same: {
    item: Same<Static<typeof ItemSchema>, Item>;
    row: Same<Static<typeof IncidentRowSchema>, IncidentRow>;
    list: Same<Static<typeof IncidentListSchema>, Listing>;
    detail: Same<Static<typeof DetailSchema>, IncidentDetail>;
    page: Same<Static<typeof PageSchema>, PageView>;
    view: Same<Static<typeof IncidentSchema>, IncidentView>;
    match: Same<Static<typeof SilenceMatchSchema>, SilenceMatch>;
    alarm: Same<Static<typeof AlarmSchema>, Alarm>;
    health: Same<Static<typeof HealthSchema>, HealthReport>;
    home: Same<
      Static<typeof HomeSchema>,
      { name: string; version: string; alarms: Alarm[]; links: Record<string, string> }
    >;
    freshness: Fits<{ sites: FreshnessReport[] }, Static<typeof FreshnessSchema>>;
    report: Fits<{ sites: EpisodeReport[] }, Static<typeof FreshnessReportSchema>>;
  } = {
    item: true,
    row: true,
    list: true,
    detail: true,
    page: true,
    view: true,
    match: true,
    alarm: true,
    health: true,
    home: true,
    freshness: true,
    report: true,
  };
  assert.ok(Object.values(same).every(Boolean));
  const keys: {
    row: Same<keyof Static<typeof IncidentRowSchema>, keyof IncidentRow>;
    wrong: Same<{ a: string }, { a: number }>;
  } = { row: true, wrong: false };
  assert.deepEqual(keys, { row: true, wrong: false });
});
