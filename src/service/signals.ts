/**
 * Settles at the first signal to end. A second one ends the process at once, but not within a second of the first: one
 * Ctrl-C can come twice, from the terminal and from npm.
 */
export function askedToEnd(): Promise<NodeJS.Signals> {
  return new Promise((settle) => {
    let first: number | null = null;
    const hear = (signal: NodeJS.Signals) => {
      if (first !== null && Date.now() - first > 1_000) process.exit(130);
      first ??= Date.now();
      settle(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hear);
  });
}
