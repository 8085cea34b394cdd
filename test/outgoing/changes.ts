import type { ChangedIncident, IncidentChange } from '../../src/workflows/webhook-contract.js';
import type { Endpoint, WebhookForm } from '../../src/policy/webhooks.js';

export const at = Date.parse('2026-11-30T03:00:00Z');
export const publicUrl = 'https://pager.example.com';

/** A change of the workbook "Sales" unless it says otherwise. */
export const change = (
  type: IncidentChange['type'] = 'triggered',
  more: Partial<ChangedIncident> = {},
  n = 1,
  source = 'aaaa-bbbb',
): IncidentChange => ({
  source,
  n,
  type,
  at,
  incident: {
    id: 'refresh:site:sales',
    state: 'triggered',
    item: { kind: 'workbook', luid: 'sales', name: 'Sales', site: 'site' },
    project: 'Finance/Daily',
    cause: 'The disk is full.',
    event: 'WorkbookRefreshFailed',
    failures: 1,
    firstFailedAt: at - 60_000,
    lastFailedAt: at - 60_000,
    by: null,
    policy: 'default',
    ...more,
  },
});

export const named = (name: string, more: Partial<ChangedIncident> = {}): Partial<ChangedIncident> => ({
  item: { kind: 'workbook', luid: 'luid', name, site: 'site' },
  ...more,
});

export const endpoint = (as: WebhookForm, more: Partial<Endpoint> = {}): Endpoint => ({
  name: 'team',
  as,
  url: 'https://example.com/hook',
  secrets: [],
  isPrivate: false,
  version: '1',
  ...(as === 'pagerduty' && { key: 'routing-key' }),
  ...more,
});
