/**
 * The page at `/` of the embedded Web UI. Which columns a list has, and which views are saved, is kept in the browser, and Temporal has no
 * default of the server for them. So this page writes them where there are none yet, and goes on to the list of incidents.
 */
import { createHash } from 'node:crypto';
import { incidentType, searchAttributes } from '../workflows/contract.js';
import { pagerType } from '../workflows/pager-contract.js';

const namespace = 'default';
const { state, item, event } = searchAttributes;

const incidents = `\`WorkflowType\`="${incidentType}"`;
/** Name → query: https://docs.temporal.io/list-filter */
export const savedViews: Readonly<Record<string, string>> = {
  Incidents: incidents,
  'Nobody has it': `${incidents} AND \`ExecutionStatus\`="Running" AND \`${state}\` IN ("triggered", "unacknowledged")`,
  'Somebody has it': `${incidents} AND \`ExecutionStatus\`="Running" AND \`${state}\` IN ("acknowledged", "snoozed")`,
  Pagers: `\`WorkflowType\`="${pagerType}"`,
};

const columns = ['Status', item, state, event, 'Start', 'End', 'Workflow ID'].map((label, index) => ({
  label,
  pinned: index < 2,
}));

/** The keys are those of version 2.54 of the Web UI. Another version that has others shows its own columns. */
const script = `
const at = ${JSON.stringify(namespace)};
const read = (text) => { try { return JSON.parse(text) ?? {}; } catch { return {}; } };
const fill = (key, value) => {
  const kept = read(localStorage.getItem(key));
  if (!kept[at]?.length) localStorage.setItem(key, JSON.stringify({ ...kept, [at]: value }));
};
try {
  fill('namespace-workflow-table-columns', ${JSON.stringify(columns)});
  fill('saved-workflow-queries', ${JSON.stringify(
    Object.entries(savedViews).map(([name, query], index) => ({ id: String(index + 1), name, query, type: 'user' })),
  )});
} catch (error) {
  console.warn('This browser keeps no columns and no views:', error);
} finally {
  location.replace(document.querySelector('a').href);
}
`;

/** Of the page, for a content security policy. */
export const startPolicy = `default-src 'none'; script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`;

const listAddress = `/namespaces/${namespace}/workflows?query=${encodeURIComponent(incidents)}`;
export const startPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Incidents</title>
<p><a href="${listAddress}">Incidents</a></p>
<script>${script}</script>
</html>
`;
