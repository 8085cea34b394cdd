/** Where the recorded histories lie: one folder per scenario, one file per workflow. */
const histories = new URL('./histories/', import.meta.url);

export const historiesFolder = histories;

/** The first incident of a scenario is `incident-1.json`, whatever its id, and the first batch `intake-1.json`. */
const numbers = new Map<string, number>();

export function recordingOf(scenario: string, workflowId: string): URL {
  const [type = ''] = workflowId.split(':');
  if (type === 'pager') return new URL(`${scenario}/${workflowId.replace(':', '-')}.json`, histories);
  const key = `${scenario} ${workflowId}`;
  const before = [...numbers.keys()].filter((one) => one.startsWith(`${scenario} ${type}:`));
  const number = numbers.get(key) ?? before.length + 1;
  numbers.set(key, number);
  return new URL(`${scenario}/${type}-${number}.json`, histories);
}
