/**
 * Settles at the first SIGINT, SIGTERM or SIGHUP. A second one exits at once, but not within a second of the first: one
 * Ctrl-C can arrive twice, from the terminal and from npm.
 */
export function shutdownRequested(): Promise<NodeJS.Signals> {
  return new Promise((settle) => {
    let firstAtMs: number | null = null;
    const onSignal = (signal: NodeJS.Signals) => {
      if (firstAtMs !== null && Date.now() - firstAtMs > 1_000) process.exit(130);
      firstAtMs ??= Date.now();
      settle(signal);
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
}
