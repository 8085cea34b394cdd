/** Where the recorded histories lie: one folder per scenario, one file per workflow. */
const histories = new URL('./histories/', import.meta.url);

export const historiesFolder = histories;

/** The first incident of a scenario is `incident-1.json`, whatever its id. */
const numbers = new Map<string, number>();

export function recordingOf(scenario: string, workflowId: string): URL {
  if (!workflowId.startsWith('incident:'))
    return new URL(`${scenario}/${workflowId.replace(':', '-')}.json`, histories);
  const key = `${scenario} ${workflowId}`;
  const number = numbers.get(key) ?? [...numbers.keys()].filter((one) => one.startsWith(`${scenario} `)).length + 1;
  numbers.set(key, number);
  return new URL(`${scenario}/incident-${number}.json`, histories);
}
