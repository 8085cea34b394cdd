/** Where the recorded histories lie: one folder per scenario, one file per workflow. */
const histories = new URL('./histories/', import.meta.url);

export const historiesFolder = histories;

/** `incident:refresh:<site>:<item>` of one night is `incident-1.json`, whatever its ids were. */
const known = new Map<string, number>();

export function recordingOf(scenario: string, workflowId: string): URL {
  if (!workflowId.startsWith('incident:'))
    return new URL(`${scenario}/${workflowId.replace(':', '-')}.json`, histories);
  const key = `${scenario} ${workflowId}`;
  const number = known.get(key) ?? [...known.keys()].filter((one) => one.startsWith(`${scenario} `)).length + 1;
  known.set(key, number);
  return new URL(`${scenario}/incident-${number}.json`, histories);
}
