/** Settles at the first signal to end. A second one ends the process at once. */
export function askedToEnd(): Promise<NodeJS.Signals> {
  return new Promise((settle) => {
    let asked = false;
    const hear = (signal: NodeJS.Signals) => {
      if (asked) process.exit(130);
      asked = true;
      settle(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear);
  });
}
