/** Ends with the work or with the signal, whichever is first. The work goes on for the others who wait for it. */
export function untilAborted<T>(signal: AbortSignal, work: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(late());
    if (signal.aborted) end();
    signal.addEventListener('abort', end, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', end));
  });
}
